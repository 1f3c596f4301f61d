/** The hidden session whose kernel leads to a project's service: one a project, however many pages are open. */
import type { Kernel, ServiceManager, Session } from "@jupyterlab/services";
import { onServer } from "./paths.ts";
import { Refusal } from "./refusal.ts";

const KERNEL = "steplab";

export interface ServiceSession {
  session: Session.ISessionConnection;
  kernel: Kernel.IKernelConnection;
}

/**
 * Finds it by its path, as after a reload of the page, or starts it.
 * @throws Refusal where Jupyter has no such kernel, or cannot start it
 */
export async function openSession(
  { sessions, kernelspecs }: ServiceManager.IManager,
  folder: string,
): Promise<ServiceSession> {
  const path = onServer(folder, ".steplab/service");
  const known = await sessions.findByPath(path);
  const session =
    known !== undefined
      ? sessions.connectTo({ model: known })
      : await start(path).catch(async (error: unknown) => {
          await kernelspecs.ready;
          throw kernelspecs.specs?.kernelspecs[KERNEL] === undefined ? unknownKernel(error) : error;
        });
  const { kernel } = session;
  if (kernel === null)
    throw new Refusal({ code: "service/stopped", message: "No kernel came up." });
  return { session, kernel };

  function start(path: string): Promise<Session.ISessionConnection> {
    return sessions.startNew({ path, type: "steplab", name: "steplab", kernel: { name: KERNEL } });
  }
}

function unknownKernel(cause: unknown): Refusal {
  const message = `This Jupyter has no kernel named "${KERNEL}".`;
  const hint = "Install it: npx steplab lab install";
  return new Refusal({ code: "service/stopped", message, hint }, cause);
}

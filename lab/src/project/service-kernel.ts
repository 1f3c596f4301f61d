/** The kernel that leads to a project's service, that of a hidden session: one a project, however many pages are open. */
import { SessionAPI, type Kernel, type ServiceManager } from "@jupyterlab/services";
import { SERVICE_SESSION } from "../../../core/project-comm.ts";
import { onServer } from "./paths.ts";
import { Refusal } from "./refusal.ts";

const KERNEL = "steplab";

/**
 * Finds the session by its path, as after a reload of the page, or starts it: the server does either when it is asked
 * to start one. The session manager would list all sessions and kernels before and after, which takes half a second
 * while JupyterLab itself starts.
 * @throws Refusal where Jupyter has no such kernel, or cannot start it
 */
export async function openServiceKernel(
  { kernels, kernelspecs, serverSettings }: ServiceManager.IManager,
  folder: string,
): Promise<Kernel.IKernelConnection> {
  const path = onServer(folder, ".steplab/service");
  const asked = { path, type: "steplab", name: SERVICE_SESSION, kernel: { name: KERNEL } };
  const session = await SessionAPI.startSession(asked, serverSettings).catch(
    async (error: unknown) => {
      await kernelspecs.ready;
      throw kernelspecs.specs?.kernelspecs[KERNEL] === undefined ? unknownKernel(error) : error;
    },
  );
  if (session.kernel === null)
    throw new Refusal({ code: "service/stopped", message: "No kernel came up." });
  return kernels.connectTo({ model: session.kernel });
}

function unknownKernel(cause: unknown): Refusal {
  const message = `This Jupyter has no kernel named "${KERNEL}".`;
  const hint = "Install it: npx steplab lab install";
  return new Refusal({ code: "service/stopped", message, hint }, cause);
}

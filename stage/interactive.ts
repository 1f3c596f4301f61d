/**
 * Binding in JupyterLab, where no runner gave bindings: each input to the newest real artifact of what it is
 * wired to, and a line that says which run that is.
 */
import type { Port } from "../core/contract.ts";
import type { InputBinding } from "../core/host.ts";
import type { Session } from "./session.ts";

/** Null when there is nothing to bind to. */
export async function bindNewest(
  session: Session,
  name: string,
  port: Port,
): Promise<InputBinding | null> {
  const reference = "from" in port ? port.from : undefined;
  if (reference === undefined) return null;
  const { newestOutput } = await import("../lineage/query/newest.ts");
  const newest = newestOutput(session.projectRoot, reference);
  if (newest === null) return null;
  const { stage, output, run, endedAt } = newest;
  session.display({
    "text/plain": `${name}: ${reference} of run ${run}, ${endedAt.slice(0, 16).replace("T", " ")} UTC`,
  });
  return { ...newest, source: { run, stage, output } };
}

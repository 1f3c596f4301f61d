/** Archives are copied to other people: no folder of this machine's, no user's name may be in what steplab writes there. */
import { homedir } from "node:os";
import { sep } from "node:path";
import { pathToFileURL } from "node:url";
import { STEPLAB_ROOT } from "../core/own-sources.ts";

/** The project's paths relative, steplab's own and Node's by name, homes as `~`. For messages, logs and crash reports. */
export function withoutPaths(text: string, projectRoot: string): string {
  const home = homedir();
  return text
    .replaceAll(`${pathToFileURL(projectRoot).href}/`, "")
    .replaceAll(`${projectRoot}${sep}`, "")
    .replaceAll(projectRoot, ".")
    .replaceAll(process.execPath, "node")
    .replaceAll(STEPLAB_ROOT, `steplab${sep}`)
    .replaceAll(home.length > 1 ? `${home}${sep}` : "\0", `~${sep}`);
}

// What a registered kernel runs: `node --no-force-async-hooks-checks start.mjs <connection-file> <steplab>`.
//
// Copied into the kernelspec's folder, and therefore alone there: plain JavaScript without imports of ours. It starts the
// steplab of the notebook's own project, so that kernel and notebook are always of one version, and otherwise the one
// that was registered. A kernelspec survives that way that the project it was registered from is moved or removed.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [, , , registered] = process.argv;

/** The kernel of a steplab in this folder: a checkout's, or the package's. */
function kernelIn(folder) {
  const sources = join(folder, "kernel", "boot.js");
  const compiled = join(folder, "dist", "kernel", "boot.js");
  return [sources, compiled].find(existsSync);
}

/** A front end starts a kernel in the folder of its notebook. */
function kernelOfProject() {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const kernel = kernelIn(join(folder, "node_modules", "steplab"));
    if (kernel !== undefined || folder === dirname(folder)) return kernel;
  }
}

const kernel = kernelOfProject() ?? (registered && kernelIn(registered));
if (!kernel) {
  process.stderr.write(
    `There is no steplab above ${process.cwd()}, and none any more where this kernel was registered from (${registered}).\n` +
      "Install it in the notebook's project (npm install steplab), or register the kernel again: npx steplab kernel install --user\n",
  );
  process.exit(2);
}
process.argv[1] = kernel;
await import(pathToFileURL(kernel).href);

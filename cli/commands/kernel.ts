import { resolve } from "node:path";
import { STEPLAB_ROOT } from "../../core/own-sources.ts";
import { StepLabError } from "../../core/error.ts";
import { EXIT, defineCommand } from "../command.ts";
import { printJson } from "../print/json.ts";
import type { KernelInstallOutput } from "../schemas/kernel-install.ts";

const help = `Register the kernel, so that JupyterLab and every other Jupyter front end find it.

Usage: steplab kernel install --user | --prefix DIR [--json]

  --user         for you: Jupyter's data folder in your home
  --prefix DIR   into an environment: DIR/share/jupyter/kernels (a virtual environment's folder, for example)

Example: steplab kernel install --prefix .venv
`;

export const command = defineCommand({
  name: "kernel",
  summary: "register the kernel with Jupyter",
  help,
  options: {
    user: { type: "boolean" },
    prefix: { type: "string", completes: "folder" },
    json: { type: "boolean" },
  },
  positionals: [["install"]],
  async run(values, [action]) {
    if (action !== "install") {
      throw new StepLabError(
        "cli/usage",
        action === undefined
          ? 'steplab kernel: say what to do; "install" is all there is.'
          : `steplab kernel ${action}: only "install" is known.`,
        { hint: "steplab kernel install --user" },
      );
    }
    if ((values.user === true) === (values.prefix !== undefined)) {
      throw new StepLabError("cli/usage", "Say where: either --user or --prefix DIR.", {
        hint: "steplab kernel install --prefix .venv",
      });
    }
    const { installKernel } = await import("../../kernel/install.ts");
    const installed = installKernel({
      root: STEPLAB_ROOT,
      into: values.prefix === undefined ? { user: true } : { prefix: resolve(values.prefix) },
    });
    if (values.json === true) printJson<KernelInstallOutput>({ steplab: 1, ...installed });
    else process.stdout.write(`The kernel "steplab" is registered in ${installed.folder}\n`);
    return EXIT.done;
  },
});

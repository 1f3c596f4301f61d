import { STEPLAB_ROOT } from "../../core/own-sources.ts";
import { StepLabError } from "../../core/error.ts";
import { EXIT, defineCommand } from "../command.ts";
import { TARGET_OPTIONS, targetOf } from "../install-target.ts";
import { printJson } from "../print/json.ts";
import type { KernelInstallOutput } from "../schemas/kernel-install.ts";

const help = `Register the kernel, so that JupyterLab and every other Jupyter front end find it.

Usage: steplab kernel install --user | --prefix DIR [--json]

  --user         for you: Jupyter's data folder in your home
  --prefix DIR   into an environment: DIR/share/jupyter/kernels (a virtual environment's folder, for example)

Example: npx steplab kernel install --prefix .venv
`;

export const command = defineCommand({
  name: "kernel",
  summary: "register the kernel with Jupyter",
  help,
  options: {
    ...TARGET_OPTIONS,
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
        { hint: "npx steplab kernel install --user" },
      );
    }
    const into = targetOf("kernel", values);
    const { installKernel } = await import("../../kernel/install.ts");
    const installed = installKernel({ root: STEPLAB_ROOT, into });
    if (values.json === true) printJson<KernelInstallOutput>({ steplab: 1, ...installed });
    else process.stdout.write(`The kernel "steplab" is registered in ${installed.folder}\n`);
    return EXIT.done;
  },
});

import { resolve } from "node:path";
import { STEPLAB_ROOT } from "../../core/own-sources.ts";
import { StepLabError } from "../../core/error.ts";
import { EXIT, parseWords, type Command } from "../command.ts";

const help = `Register the kernel, so that JupyterLab and every other Jupyter front end find it.

Usage: steplab kernel install --user | --prefix DIR [--json]

  --user         for you: Jupyter's data folder in your home
  --prefix DIR   into an environment: DIR/share/jupyter/kernels (a virtual environment's folder, for example)

Example: steplab kernel install --prefix .venv
`;

export const command: Command = {
  summary: "register the kernel with Jupyter",
  help,
  async run(words) {
    const { values, positionals } = parseWords("kernel", words, {
      allowPositionals: true,
      options: { user: { type: "boolean" }, prefix: { type: "string" }, json: { type: "boolean" } },
    });
    if (positionals[0] !== "install" || positionals.length > 1) {
      throw new StepLabError(
        "cli/usage",
        `steplab kernel ${positionals.join(" ")}: only "install" is known.`,
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
    process.stdout.write(
      values.json === true
        ? `${JSON.stringify(installed, null, 2)}\n`
        : `The kernel "steplab" is registered in ${installed.folder}\n`,
    );
    return EXIT.done;
  },
};

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StepLabError } from "../../core/error.ts";
import { orderOf } from "../../pipeline/graph.ts";
import { readPipeline } from "../../pipeline/document.ts";
import { findProjectRoot } from "../../runner/find-project.ts";
import { EXIT, defineCommand } from "../command.ts";
import { TARGET_OPTIONS, targetOf } from "../install-target.ts";
import { inLab, LAB_OPTIONS, labOptionsOf } from "../lab-session.ts";
import { printJson } from "../print/json.ts";
import type { LabInstallOutput } from "../schemas/lab-install.ts";

const help = `Open the project in JupyterLab: PIPELINE.md and the first notebook, with the kernel and the extension.

Usage: steplab lab [options] [-- words for jupyter-lab]
       steplab lab install --user | --prefix DIR [--json]

  --port N         listen on this port of 127.0.0.1; 0 is any; otherwise the first free one from 8888 on
  --no-browser     print the address and open nothing
  --jupyter PATH   use this JupyterLab: a jupyter-lab, or the folder of the environment that it is in

A jupyter-lab on the PATH is used; without one, and with Python 3, JupyterLab is set up in .steplab/jupyter, once.
Settings and layouts stay there too: your home and the JupyterLab that you have are not changed. Ctrl-C ends the server
and its kernels.

install puts the extension into a Jupyter that is there (the kernel: npx steplab kernel install):
  --user           for you: Jupyter's data folder in your home
  --prefix DIR     into an environment: DIR/share/jupyter/labextensions (a virtual environment's folder, for example)
  --json           print what was installed as JSON

Example: npx steplab lab --port 9000
`;

export const command = defineCommand({
  name: "lab",
  summary: "open the project in JupyterLab, which is set up where there is none",
  help,
  options: {
    ...LAB_OPTIONS,
    ...TARGET_OPTIONS,
    json: { type: "boolean" },
  },
  positionals: [["install"]],
  handsOn: true,
  async run(values, [action], more) {
    if (action === "install") return await install(values);
    if (action !== undefined)
      throw new StepLabError("cli/usage", `steplab lab ${action}: only "install" is known.`, {
        hint: "npx steplab lab opens the project.",
      });
    for (const name of ["user", "prefix", "json"] as const)
      if (values[name] !== undefined)
        throw new StepLabError("cli/usage", `--${name} belongs to steplab lab install.`, {
          hint: "npx steplab lab --help shows what each takes.",
        });
    const options = labOptionsOf(values);
    const projectRoot = findProjectRoot(process.cwd());
    return await inLab(projectRoot, options, {
      open: { document: "PIPELINE.md", notebook: firstNotebook(projectRoot) },
      more,
    });
  },
});

async function install(values: {
  user?: boolean | undefined;
  prefix?: string | undefined;
  json?: boolean | undefined;
}): Promise<number> {
  const into = targetOf("lab", values);
  const { installLabExtension } = await import("../../jupyter/index.ts");
  const installed = installLabExtension({ into });
  if (values.json === true) printJson<LabInstallOutput>({ steplab: 1, ...installed });
  else process.stdout.write(`The extension "steplab" is installed in ${installed.folder}\n`);
  return EXIT.done;
}

/** Of the first stage in the graph's order; null where the document cannot say, which lint explains. */
function firstNotebook(projectRoot: string): string | null {
  const text = readFileSync(join(projectRoot, "PIPELINE.md"), "utf8");
  const { pipeline } = readPipeline(text, "PIPELINE.md");
  if (pipeline === null) return null;
  const [first] = orderOf(pipeline).order;
  const notebook = pipeline.stages.find(({ name }) => name === first)?.notebook;
  return notebook !== undefined && existsSync(join(projectRoot, notebook)) ? notebook : null;
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StepLabError } from "../../core/error.ts";
import { orderOf } from "../../pipeline/graph.ts";
import { readPipeline } from "../../pipeline/document.ts";
import { findProjectRoot } from "../../runner/find-project.ts";
import type { OpenedLab } from "../../jupyter/index.ts";
import { EXIT, defineCommand } from "../command.ts";
import { TARGET_OPTIONS, targetOf } from "../install-target.ts";
import { setUpView } from "../print/set-up.ts";
import { printJson } from "../print/json.ts";
import { paint } from "../print/style.ts";
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

install puts the extension into a Jupyter that is there (the kernel: steplab kernel install):
  --user           for you: Jupyter's data folder in your home
  --prefix DIR     into an environment: DIR/share/jupyter/labextensions (a virtual environment's folder, for example)
  --json           print what was installed as JSON

Example: steplab lab --port 9000
`;

export const command = defineCommand({
  name: "lab",
  summary: "open the project in JupyterLab, which is set up where there is none",
  help,
  options: {
    port: { type: "string" },
    "no-browser": { type: "boolean" },
    jupyter: { type: "string", completes: "file" },
    ...TARGET_OPTIONS,
    json: { type: "boolean" },
  },
  positionals: [["install"]],
  handsOn: true,
  async run(values, [action], more) {
    if (action === "install") return await install(values);
    if (action !== undefined)
      throw new StepLabError("cli/usage", `steplab lab ${action}: only "install" is known.`, {
        hint: "steplab lab opens the project.",
      });
    for (const name of ["user", "prefix", "json"] as const)
      if (values[name] !== undefined)
        throw new StepLabError("cli/usage", `--${name} belongs to steplab lab install.`, {
          hint: "steplab lab --help shows what each takes.",
        });
    const port = portOf(values.port);
    const projectRoot = findProjectRoot(process.cwd());
    const { openLab } = await import("../../jupyter/index.ts");
    const openBrowser = values["no-browser"] !== true && canShowBrowser();
    using asked = untilSignal();
    try {
      using view = setUpView(process.stderr);
      await using lab = await openLab({
        projectRoot,
        open: { document: "PIPELINE.md", notebook: firstNotebook(projectRoot) },
        jupyter: values.jupyter,
        port,
        openBrowser,
        more,
        signal: asked.signal,
        onProgress: (progress) => view.take(progress),
        say: (text) => view.say(text),
      });
      view.done();
      tell(lab, { isOpened: openBrowser });
      const code = await Promise.race([lab.ended, asked.promise]);
      return code === "asked" || code === 0 ? EXIT.done : EXIT.failed;
    } catch (error) {
      if (asked.signal.aborted) return EXIT.cancelled; // while it was set up or started
      throw error;
    }
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

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new StepLabError("cli/usage", `--port ${text}: a port is a number from 0 to 65535.`, {
    hint: "Without it, the first free port from 8888 on is taken.",
  });
}

/** Jupyter looks for one itself; on a machine without a screen it might find one for the terminal. */
function canShowBrowser(): boolean {
  if (process.platform !== "linux") return true;
  const { DISPLAY, WAYLAND_DISPLAY, BROWSER, WSL_DISTRO_NAME } = process.env;
  return [DISPLAY, WAYLAND_DISPLAY, BROWSER, WSL_DISTRO_NAME].some((each) => Boolean(each));
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

function tell({ lab, extension, url }: OpenedLab, { isOpened }: { isOpened: boolean }): void {
  const where = { own: "", path: ", from the PATH", given: "" }[lab.from];
  const note = {
    registered: "with the kernel and the extension",
    none: "with the kernel; the extension is not built",
    "old-lab": "with the kernel; the extension needs JupyterLab 4.6",
  }[extension];
  process.stdout.write(
    `JupyterLab ${lab.version}${where}, ${note}.\n\n${isOpened ? "Opened" : "Open"}    ${url}\n`,
  );
  process.stderr.write(paint("dim", "Ctrl-C ends it and its kernels.\n", process.stderr));
}

/** Ctrl-C, once: the server and its kernels end in order. Again: the process ends at once. */
function untilSignal(): Disposable & { signal: AbortSignal; promise: Promise<"asked"> } {
  const { promise, resolve } = Promise.withResolvers<"asked">();
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.cancelled);
    controller.abort();
    resolve("asked");
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  // Not taken off: a second Ctrl-C comes while the server ends.
  return { signal: controller.signal, promise, [Symbol.dispose]: () => undefined };
}

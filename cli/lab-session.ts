/** JupyterLab as commands start it: set up, started, told, and ended in order by Ctrl-C. */
import { StepLabError } from "../core/error.ts";
import type { OpenedLab } from "../jupyter/index.ts";
import { EXIT } from "./command.ts";
import { setUpView } from "./print/set-up.ts";
import { paint } from "./print/style.ts";

export const LAB_OPTIONS = {
  port: { type: "string" },
  "no-browser": { type: "boolean" },
  jupyter: { type: "string", completes: "file" },
} as const;

export interface LabOptions {
  port: number | undefined;
  openBrowser: boolean;
  jupyter: string | undefined;
}

/** @throws StepLabError `cli/usage` */
export function labOptionsOf(values: {
  port?: string | undefined;
  "no-browser"?: boolean | undefined;
  jupyter?: string | undefined;
}): LabOptions {
  const openBrowser = values["no-browser"] !== true && canShowBrowser();
  return { port: portOf(values.port), openBrowser, jupyter: values.jupyter };
}

interface Opening {
  /** What shows when the project is opened for the first time. */
  open: { document: string; notebook: string | null };
  /** What the page shows instead of how it was left; relative to the project. */
  show?: string;
  /** More words for jupyter-lab. */
  more: readonly string[];
  /** Done when the server answers and before the address is told. */
  onOpened?: (lab: OpenedLab, signal: AbortSignal) => Promise<void>;
}

/** Until the server ends, or somebody ends it. Returns the exit code. @throws StepLabError `jupyter/…` */
export async function inLab(
  projectRoot: string,
  options: LabOptions,
  { open, show, more, onOpened }: Opening,
): Promise<number> {
  const { openLab } = await import("../jupyter/index.ts");
  const page =
    show === undefined ? "" : `/tree/${show.split("/").map(encodeURIComponent).join("/")}`;
  using asked = untilSignal();
  try {
    using view = setUpView(process.stderr);
    await using lab = await openLab({
      projectRoot,
      open,
      ...options,
      more: [...more, ...(page === "" ? [] : [`--LabApp.default_url=/lab${page}`])],
      signal: asked.signal,
      onProgress: (progress) => view.take(progress),
      say: (text) => view.say(text),
    });
    view.done();
    await onOpened?.(lab, asked.signal);
    const url = new URL(lab.url);
    url.pathname = `${url.pathname.replace(/\/lab(\/tree\/.*)?$/, "/lab")}${page}`;
    tell(lab, url.href, options.openBrowser);
    const code = await Promise.race([lab.ended, asked.promise]);
    return code === "asked" || code === 0 ? EXIT.done : EXIT.failed;
  } catch (error) {
    if (asked.signal.aborted) return EXIT.cancelled; // while it was set up or started
    throw error;
  }
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

function tell({ lab, extension }: OpenedLab, url: string, isOpened: boolean): void {
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

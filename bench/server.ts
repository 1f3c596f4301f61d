/** Kernels as JupyterLab has them: through a real Jupyter Server, with the client that JupyterLab uses. */
import services from "@jupyterlab/services";
import type { Kernel, Session } from "@jupyterlab/services";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLab } from "../jupyter/index.ts";
import { labFolder } from "../jupyter/lab.ts";
import { jupyterDataFolder } from "../core/jupyter-folder.ts";
import { quietServices } from "../runner/jupyter/connection.ts";
import { setUpLab } from "../test/lab/rig/set-up-lab.ts";
import { PYTHON, seen, TYPESCRIPT, type MeasuredKernel } from "./kernels.ts";
import { DidNotDo, median, type Bench, type Contestant, type Task } from "./measure.ts";
import { benchProject, chainFiles } from "./project.ts";

/** Round trips of one kernel in a turn. */
const TRIPS = 30;
/** tslab takes its time, and loses an idle now and then. */
const PATIENCE_MS = 30_000;

type Code = Pick<MeasuredKernel["code"], "sum" | "print">;

export const serverTasks: readonly Task[] = [
  {
    name: "server-kernels",
    rounds: 7,
    rows: [
      {
        figure: "ready",
        what: "through Jupyter Server: kernel, from asking for a session to its kernel_info",
        unit: "ms",
        note: "JupyterLab's own client (@jupyterlab/services) against one Jupyter Server for all. The server adds some 40 ms to every request (Nagle's algorithm and delayed acknowledgements).",
      },
      { figure: "sum", what: "  `1 + 1`, until reply and idle", unit: "ms" },
      { figure: "print", what: "  a constant and a print, until reply and idle", unit: "ms" },
    ],
    async prepare(bench) {
      const manager = await serverManager(bench);
      const { deno = null, tslab = null } = bench.peers?.kernels ?? {};
      return [
        contestant(manager, "steplab", "steplab", TYPESCRIPT),
        contestant(manager, "ipykernel", "python3", PYTHON),
        ...(deno === null ? [] : [losing(manager, "Deno", "bench-deno")]),
        ...(tslab === null ? [] : [losing(manager, "tslab", "bench-tslab")]),
      ];
    },
  },
];

/** Sessions of a server of its own, that ends with the task. */
async function serverManager({ resources, peers }: Bench): Promise<Session.IManager> {
  const { root } = resources.use(benchProject(chainFiles(1, { independent: false })));
  const jupyter = await setUpLab();
  const kernels = join(jupyterDataFolder({ prefix: labFolder(root) }), "kernels");
  for (const [name, argv] of Object.entries(peers?.kernels ?? {})) {
    if (argv === null) continue;
    mkdirSync(join(kernels, `bench-${name}`), { recursive: true });
    const spec = { argv, display_name: name, language: "typescript" };
    writeFileSync(join(kernels, `bench-${name}`, "kernel.json"), JSON.stringify(spec));
  }
  const server = resources.use(
    await openLab({
      projectRoot: root,
      open: { document: "PIPELINE.md", notebook: null },
      jupyter,
      port: 0,
      openBrowser: false,
    }),
  );
  const url = new URL(server.url);
  quietServices();
  const serverSettings = services.ServerConnection.makeSettings({
    baseUrl: new URL("/", url).href,
    token: url.searchParams.get("token") ?? "",
    appendToken: true,
  });
  const kernelManager = new services.KernelManager({ serverSettings });
  const manager = new services.SessionManager({ kernelManager, serverSettings });
  resources.defer(() => {
    manager.dispose();
    kernelManager.dispose();
  });
  await manager.ready;
  return manager;
}

function contestant(manager: Session.IManager, name: string, spec: string, code: Code): Contestant {
  let shown: Record<string, string> = {};
  return {
    name,
    async measure() {
      const asked = performance.now();
      const session = await manager.startNew({
        name: `${spec}.ipynb`,
        path: `notebooks/${spec}.ipynb`,
        type: "notebook",
        kernel: { name: spec },
      });
      const { kernel } = session;
      if (kernel === null) throw new DidNotDo("no kernel came up");
      try {
        await within(kernel.info);
        const ready = performance.now() - asked;
        shown = { sum: await textOf(kernel, code.sum), print: await textOf(kernel, code.print) };
        return {
          ready,
          sum: await trips(kernel, code.sum),
          print: await trips(kernel, code.print),
        };
      } finally {
        await session.shutdown();
        session.dispose();
      }
    },
    work: () => shown,
  };
}

/** One whose result may come after its `idle`, or not at all. */
function losing(manager: Session.IManager, name: string, spec: string): Contestant {
  return {
    ...contestant(manager, name, spec, TYPESCRIPT),
    knownLoss: "what it shows came after its idle, or never",
  };
}

/** Median of a cell's round trip, in ms. */
async function trips(kernel: Kernel.IKernelConnection, code: string): Promise<number> {
  const times: number[] = [];
  for (let trip = 0; trip < TRIPS; trip++) {
    const begun = performance.now();
    await within(kernel.requestExecute({ code }).done);
    times.push(performance.now() - begun);
  }
  return median(times);
}

/** What the cell shows: a stream's text, or the plain text of its value. */
async function textOf(kernel: Kernel.IKernelConnection, code: string): Promise<string> {
  let text = "";
  const future = kernel.requestExecute({ code });
  future.onIOPub = ({ header, content }) => {
    if (header.msg_type === "stream") text += (content as { text: string }).text;
    if (header.msg_type === "execute_result")
      text += String((content as { data: Record<string, unknown> }).data["text/plain"]);
  };
  await within(future.done);
  return seen(text);
}

async function within<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DidNotDo("a reply or an idle never came")), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}

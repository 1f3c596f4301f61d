/** Types at the kernel's socket, in a notebook of 60 cells that imports arquero, zod and tfjs. */
import { copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { codeCell, makeNotebook, writeNotebook } from "../core/notebook/index.ts";
import { STEPLAB_ROOT } from "../core/own-sources.ts";
import { KernelClient } from "../test/rig/kernel-client.ts";
import { medianTime, type Task } from "./measure.ts";
import { completionPeers } from "./peers/completion.ts";
import { memoryOf } from "./process.ts";
import { benchProject } from "./project.ts";

const CELLS = 60;

/** For comparison, without a kernel (reference: kernels.md 7): TypeScript 7's API completes in 3.7 ms, hovers in 0.8, rechecks in 42. */
export const typesTasks: readonly Task[] = [
  {
    name: "kernel-types",
    rounds: 5,
    rows: [
      {
        figure: "completion",
        what: "completion of a table's column, 60 cells",
        unit: "ms",
        bound: 20,
        note: "Over ZeroMQ, each time as somebody goes on typing. ipykernel answers from the names and values of the running process (pandas, scikit-learn and pyarrow loaded); it has no types to judge a notebook by.",
      },
      { figure: "hover", what: "hover, the same notebook", unit: "ms", bound: 10 },
      {
        figure: "diagnostics",
        what: "diagnostics after an edit of one cell",
        unit: "ms",
        bound: 150,
      },
      {
        figure: "memory",
        what: "  kernel and compiler, resident memory",
        unit: "MB",
        note: "The kernel with its three threads, the notebook's packages loaded, and the compiler's process; ipykernel is one process.",
      },
    ],
    async prepare(bench) {
      const { resources } = bench;
      const { root } = resources.use(benchProject({ "PIPELINE.md": "" }));
      linkPackages(root);
      const notebook = join(root, "notebooks", "explore.ipynb");
      const kernel = resources.use(
        await KernelClient.start({ folder: root, env: { STEPLAB_NOTEBOOK: notebook } }),
      );
      for (const [index, code] of cellsOf(0).entries()) {
        const { error } = await kernel.execute(code, {}, { cellId: `c${index}` });
        if (error) throw new Error(`cell ${index}: ${error.evalue}`);
      }
      kernel.send("comm_open", { comm_id: "t", target_name: "steplab.types", data: {} });
      let edits = 0;
      return [
        {
          name: "steplab",
          measure: async () => ({
            completion: await medianTime((n) => completes(kernel, n)),
            hover: await medianTime(() => hovers(kernel)),
            diagnostics: await medianTime(() => judges(kernel, ++edits)),
            memory: memoryOf(kernel.process.pid ?? 0),
          }),
        },
        ...(await completionPeers(bench, CELLS)),
      ];
    },
  },
];

/** Each time another cell is being written: an edit and a completion. */
async function completes(kernel: KernelClient, n: number): Promise<void> {
  const code = `const kept${n} = table.filter((d) => d.pri`;
  const { reply } = await kernel.request("complete_request", { code, cursor_pos: code.length });
  demand(String(reply.content["matches"]) === "price", "the column was not completed");
}

async function hovers(kernel: KernelClient): Promise<void> {
  const asked = { code: "table.filter((d) => d.price > 1)", cursor_pos: 8, detail_level: 0 };
  const { reply } = await kernel.request("inspect_request", asked);
  demand(
    JSON.stringify(reply.content).includes("(method) filter"),
    "nothing was said of the method",
  );
}

/** The notebook goes to the kernel whole, with one wrong line in one cell. */
async function judges(kernel: KernelClient, edit: number): Promise<void> {
  const cells = cellsOf(edit).map((code, index) => codeCell(code, { id: `c${index}` }));
  const notebook = JSON.parse(writeNotebook(makeNotebook(cells, {}))) as unknown;
  const ask = async (question: object): Promise<unknown> => {
    const data = { version: 1, id: edit, ...question };
    const sent = kernel.send("comm_msg", { comm_id: "t", data });
    const reply = await kernel.message(
      (m) => m.parent_header.msg_id === sent && m.header.msg_type === "comm_msg",
    );
    return reply.content["data"];
  };
  await ask({ ask: "notebook", notebook });
  const said = JSON.stringify(await ask({ ask: "diagnostics" }));
  demand(said.includes(`'wrong${edit}'`), "the error was not found");
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

/** 60 cells as of a long exploration; `edit` puts a wrong line into one of them, 0 none. */
export function cellsOf(edit: number): string[] {
  const cells = [
    `import { z, a, parameters, type Table } from "steplab";
import * as aq from "arquero";
import * as tf from "@tensorflow/tfjs";
import { z as zod } from "zod";
import { RawListing } from "./listing.ts";`,
    `const params = parameters({ minPrice: z.number().default(10).describe("lowest price") });`,
    `const table = undefined as unknown as Table<z.infer<typeof RawListing>>;
const local = aq.table({ price: [1, 2] }); const Row = zod.object({ price: zod.number() });`,
  ];
  for (let n = cells.length; n < CELLS; n++)
    cells.push(`interface Point${n} { x: number; y: string }
const point${n}: Point${n} = { x: ${n}, y: "a" };
function scaled${n}(p: Point${n}): number { return p.x * ${n} + params.minPrice; }
const sum${n} = [point${n}.x].reduce((one, other) => one + other, scaled${n}(point${n}));
${n % 10 === 0 ? `const tensor${n} = () => tf.tensor([point${n}.x]);` : `sum${n}`}`);
  if (edit > 0) cells[30] += `\nconst wrong: { wrong${edit}: 1 } = {};`;
  return cells;
}

/** What the cells import, in an otherwise empty project. */
export function linkPackages(root: string): void {
  for (const name of ["zod", "arquero", "@tensorflow"])
    symlinkSync(join(STEPLAB_ROOT, "node_modules", name), join(root, "node_modules", name));
  mkdirSync(join(root, "notebooks"), { recursive: true });
  const schemas = join(STEPLAB_ROOT, "notebooks", "schemas", "listing.ts");
  copyFileSync(schemas, join(root, "notebooks", "listing.ts"));
}

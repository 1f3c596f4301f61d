/** Completion and hover for the peers: Python's kernel with as long a notebook and as large libraries. */
import type { KernelClient } from "../../test/rig/kernel-client.ts";
import { medianTime, type Bench, type Contestant } from "../measure.ts";
import { memoryOf } from "../process.ts";
import { peerKernels } from "./kernels.ts";

/** pandas and scikit-learn on a busy machine. */
const IMPORTS_MS = 180_000;

/** `cells` as many as steplab's notebook has. It answers from the running process, without a compiler. */
export async function completionPeers(
  { peers, resources }: Pick<Bench, "peers" | "resources">,
  cells: number,
): Promise<Contestant[]> {
  const kind = peerKernels(peers).find(({ name }) => name === "ipykernel");
  if (!kind) return [];
  const kernel = resources.use(await kind.start({ silenceMs: IMPORTS_MS }));
  await kernel.subscribed();
  for (const code of cellsOf(cells)) {
    const { error } = await kernel.execute(code);
    if (error) throw new Error(`ipykernel: ${error.evalue}`);
  }
  return [
    {
      name: "ipykernel",
      measure: async () => ({
        completion: await medianTime((n) => completes(kernel, n)),
        hover: await medianTime(() => hovers(kernel)),
        memory: memoryOf(kernel.process.pid),
      }),
    },
  ];
}

/** The column's name, from the table in the kernel's memory. */
async function completes(kernel: KernelClient, n: number): Promise<void> {
  const code = `kept${n} = table.pri`;
  const { reply } = await kernel.request("complete_request", { code, cursor_pos: code.length });
  const matches = reply.content["matches"];
  if (!Array.isArray(matches) || !matches.some((match) => String(match).endsWith("price")))
    throw new Error("did not complete the column");
}

async function hovers(kernel: KernelClient): Promise<void> {
  const asked = { code: "table.filter(items=['price'])", cursor_pos: 8, detail_level: 0 };
  const { reply } = await kernel.request("inspect_request", asked);
  if (reply.content["found"] !== true) throw new Error("said nothing of the method");
}

function cellsOf(count: number): string[] {
  const cells = [
    "import numpy, pandas, pyarrow, sklearn.ensemble",
    "min_price = 10",
    "table = pandas.DataFrame({'price': [1.0, 2.0], 'name': ['a', 'b']})",
  ];
  for (let n = cells.length; n < count; n++)
    cells.push(`point${n} = {"x": ${n}, "y": "a"}
def scaled${n}(p):
    return p["x"] * ${n} + min_price
sum${n} = scaled${n}(point${n})
sum${n}`);
  return cells;
}

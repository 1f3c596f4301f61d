/** What a cell costs in nbclient and papermill, and their memory, kernels apart: each runs all notebooks in one process. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench, Contestant, Figures } from "../measure.ts";
import { benchFolder, shownBy } from "../project.ts";
import { notebookOf, PYTHON } from "./chain.ts";

const TOOLS = ["nbclient", "papermill"] as const;

interface Ran {
  seconds: number;
  peakMb: number;
  /** Of each notebook, what its cells show. */
  shown: string[][];
}

/** The difference between a notebook with so many more cells and one without. */
export function cellCostPeers(
  bench: Pick<Bench, "peers" | "resources">,
  cells: number,
): Contestant[] {
  return TOOLS.flatMap((tool) => {
    const short = runnerOf(bench, tool, { notebooks: 1, more: 0 });
    const long = runnerOf(bench, tool, { notebooks: 1, more: cells });
    if (!short || !long) return [];
    let last: Ran | null = null;
    return {
      name: tool,
      measure() {
        last = long();
        return { cell: ((last.seconds - short().seconds) * 1000) / cells };
      },
      work: () => printsIn(last?.shown ?? []),
    };
  });
}

/** `sizes`: by the name of the figure, so many notebooks with so many more cells. */
export function runnerMemoryPeers(
  bench: Pick<Bench, "peers" | "resources">,
  sizes: Readonly<Record<string, { notebooks: number; more: number }>>,
): Contestant[] {
  return TOOLS.flatMap((tool) => {
    const runs = Object.entries(sizes).flatMap(([figure, size]) => {
      const run = runnerOf(bench, tool, size);
      return run ? [{ figure, run }] : [];
    });
    const measure = (): Figures =>
      Object.fromEntries(runs.map(({ figure, run }) => [figure, run().peakMb]));
    return runs.length > 0 ? { name: tool, measure } : [];
  });
}

function runnerOf(
  { peers, resources }: Pick<Bench, "peers" | "resources">,
  tool: (typeof TOOLS)[number],
  { notebooks, more }: { notebooks: number; more: number },
): (() => Ran) | null {
  const jupyter = peers?.jupyter;
  if (!jupyter) return null;
  const { root } = resources.use(benchFolder());
  mkdirSync(join(root, "executed"));
  writeFileSync(join(root, "value-0.json"), "1\n");
  const names = Array.from({ length: notebooks }, (_, i) => `s${i + 1}.ipynb`);
  for (const [i, name] of names.entries())
    writeFileSync(join(root, name), notebookOf(PYTHON, "python3", i + 1, more));
  const words = [join(import.meta.dirname, "chain.py"), tool, "python3", "executed", ...names];
  return () => {
    const { seconds, stdout } = jupyter.run(root, "python", words);
    const shown = names.map((name) => shownBy(join(root, "executed", name)));
    return { seconds, peakMb: Number(stdout.trim().split("\n").at(-1)) / 1e6, shown };
  };
}

/** What the added cells show. */
export const printsIn = (shown: readonly string[][]): string[] =>
  shown.flat().filter((text) => text.startsWith("cell "));

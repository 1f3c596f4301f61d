/** The runner itself: what a cell costs beside what it computes, and the memory of `steplab run`, kernels apart. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { join } from "node:path";
import { codeCell, makeNotebook, writeNotebook, readNotebook } from "../core/notebook/index.ts";
import type { Task } from "./measure.ts";
import { cellCostPeers, printsIn, runnerMemoryPeers } from "./peers/runner.ts";
import { STEPLAB, timed } from "./process.ts";
import { benchProject, chainFiles, shownByStage } from "./project.ts";

const CELLS = 100;

/** Trivial cells with one print: a notebook of 110 less one of 10. */
export const runnerTasks: readonly Task[] = [
  {
    name: "cell-cost",
    rounds: 9,
    rows: [
      {
        figure: "cell",
        what: "the runner's own cost of a cell, of 100",
        unit: "ms",
        bound: 2,
        note: "A notebook of 110 cells less one of 10, both from a cold process; each cell prints a line. papermill writes the notebook at the begin and end of every cell, nbclient at the end.",
      },
    ],
    prepare(bench) {
      const { resources } = bench;
      const short = resources.use(benchProject(filesOf({ cells: 0, stages: 1 })));
      const long = resources.use(benchProject(filesOf({ cells: CELLS, stages: 1 })));
      for (const { root } of [short, long]) timed(root, ["run"]);
      const run = ({ root }: { root: string }): number => timed(root, ["run", "--force"]);
      return [
        {
          name: "steplab",
          measure: () => ({ cell: ((run(long) - run(short)) * 1000) / CELLS }),
          work: () => printsIn(shownByStage(long.root)),
        },
        ...cellCostPeers(bench, CELLS),
      ];
    },
  },
  {
    name: "runner-memory",
    rounds: 3,
    rows: [
      {
        figure: "few",
        what: "steplab run, peak memory: 6 stages of 11 cells",
        unit: "MB",
        bound: 150,
        note: "The runner's own process, kernels apart, as Linux remembers its largest. nbclient and papermill run all notebooks in one process.",
      },
      { figure: "cells", what: "  6 stages of 200 cells", unit: "MB", bound: 150 },
      { figure: "stages", what: "  200 stages of 11 cells", unit: "MB", bound: 150 },
    ],
    prepare(bench) {
      const { resources } = bench;
      const sizes = {
        few: { cells: 0, stages: 6 },
        cells: { cells: 189, stages: 6 },
        stages: { cells: 0, stages: 200 },
      };
      const projects = Object.entries(sizes).map(([figure, size]) => {
        const { root } = resources.use(benchProject(filesOf(size)));
        timed(root, ["run"]); // lint and contracts are judged in here, and kept
        return { figure, root };
      });
      return [
        {
          name: "steplab",
          async measure() {
            const figures: Record<string, number> = {};
            for (const { figure, root } of projects) figures[figure] = await peakOf(root);
            return figures;
          },
        },
        ...runnerMemoryPeers(bench, {
          few: { notebooks: 6, more: 0 },
          cells: { notebooks: 6, more: 189 },
        }),
      ];
    },
  },
];

/** A chain of trivial stages, each with so many more cells that print. */
function filesOf({ cells, stages }: { cells: number; stages: number }): Record<string, string> {
  const files = chainFiles(stages, { independent: false });
  for (const [path, text] of Object.entries(files)) {
    if (!path.startsWith("notebooks/")) continue;
    const { notebook } = readNotebook(text, path);
    if (notebook === null) throw new Error(`${path} is no notebook`);
    const at = notebook.cells.findIndex(({ slot }) => slot === "checks");
    const more = Array.from({ length: cells }, (_, i) =>
      codeCell(`console.log("cell ${i}");`, { id: `more-${i}` }),
    );
    const all = notebook.cells.toSpliced(at, 0, ...more);
    files[path] = writeNotebook(makeNotebook(all, notebook.metadata));
  }
  return files;
}

/** Megabytes of the runner's own process at its largest, as Linux remembers it; elsewhere nobody tells. */
async function peakOf(root: string): Promise<number> {
  const runner = spawn(process.execPath, [STEPLAB, "run", "--force"], {
    cwd: root,
    stdio: "ignore",
  });
  const ended = once(runner, "exit");
  let peak = 0;
  while (runner.exitCode === null && runner.signalCode === null) {
    peak = Math.max(peak, highWater(runner.pid));
    await Promise.race([ended, wait(20)]);
  }
  if (runner.exitCode !== 0) throw new Error(`steplab run ended with ${runner.exitCode}`);
  return peak;
}

function highWater(pid: number | undefined): number {
  try {
    const status = readFileSync(join("/proc", String(pid), "status"), "utf8");
    return (Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    return 0; // gone, or no Linux
  }
}

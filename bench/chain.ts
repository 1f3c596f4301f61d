/** The runner: a chain of trivial stages, and runs in which nothing changed. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Task } from "./measure.ts";
import { chainPeers } from "./peers/chain.ts";
import { unchangedPeers } from "./peers/unchanged.ts";
import { timed } from "./process.ts";
import { benchProject, chainFiles, lastRecord, shownByStage } from "./project.ts";

export const chainTasks: readonly Task[] = [
  {
    name: "chain-six",
    rounds: 7,
    rows: [
      {
        figure: "wall",
        what: "six-stage chain of 11 trivial cells, cold process, archived",
        unit: "s",
        bound: 1.5,
        note: "Six notebooks with the same text under each of their ten code cells, and the same last value. The peers keep no record and check nothing beforehand. papermill gives parameters to Python only: its TypeScript notebooks have none.",
      },
    ],
    prepare(bench) {
      const { root } = bench.resources.use(benchProject(chainFiles(6, { independent: false })));
      timed(root, ["run"]);
      return [
        {
          name: "steplab",
          measure: () => ({ wall: timed(root, ["run", "--force"]) }),
          work: () => workOf(root),
        },
        ...chainPeers(bench),
      ];
    },
  },
  {
    name: "chain-first",
    rounds: 5,
    rows: [
      {
        figure: "wall",
        what: "  its first run: lint with types, contracts and all",
        unit: "s",
      },
    ],
    prepare({ resources }) {
      const { root } = resources.use(benchProject(chainFiles(6, { independent: false })));
      return [
        {
          name: "steplab",
          measure() {
            rmSync(join(root, "runs"), { recursive: true, force: true });
            return { wall: timed(root, ["run"]) };
          },
          work: () => workOf(root),
        },
      ];
    },
  },
  unchanged(6, 0.15, 11),
  unchanged(1000, 0.3, 7),
];

/** The notebooks of a thousand stages differ by a number, so every stage has a key of its own. */
function unchanged(stages: number, bound: number, rounds: number): Task {
  return {
    name: `unchanged-${stages}`,
    rounds,
    rows: [
      {
        figure: "wall",
        what: `nothing changed, ${stages.toLocaleString("en")} stages`,
        unit: "s",
        bound,
        note: "The peers' stages copy a file of 3 KB; steplab's are notebooks, and its run is archived. Nothing is executed and no result written again by anyone. dvc status only looks.",
      },
    ],
    prepare(bench) {
      bench.say("first run …");
      const independent = stages > 100;
      const { root } = bench.resources.use(benchProject(chainFiles(stages, { independent })));
      timed(root, ["run"]);
      const before = digestsOf(root);
      return [
        {
          name: "steplab",
          measure: () => ({ wall: timed(root, ["run"]) }),
          work() {
            const { stages: ran } = lastRecord(root);
            const executed = Object.values(ran).filter(({ status }) => status !== "cached");
            const changed = digestsOf(root).filter((digest, i) => digest !== before[i]);
            return { stages: before.length, executed: executed.length, changed: changed.length };
          },
        },
        ...unchangedPeers(bench, { stages, independent }),
      ];
    },
  };
}

function workOf(root: string): unknown {
  const { folder, stages } = lastRecord(root);
  const last = Object.values(stages).at(-1)?.outputs["value"]?.path ?? "";
  return { shown: shownByStage(root), value: readFileSync(join(folder, last), "utf8").trim() };
}

/** The value of each stage, by its digest. */
const digestsOf = (root: string): (string | undefined)[] =>
  Object.values(lastRecord(root).stages).map(({ outputs }) => outputs["value"]?.digest);

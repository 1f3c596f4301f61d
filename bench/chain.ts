/** The runner: a chain of trivial stages, and runs in which nothing changed. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Task } from "./measure.ts";
import { timed } from "./process.ts";
import { benchProject, chainFiles, lastRecord, shownByStage } from "./project.ts";

export const chainTasks: readonly Task[] = [
  {
    name: "chain",
    rounds: 7,
    rows: [
      {
        figure: "wall",
        what: "six-stage chain of 11 trivial cells, cold process, archived",
        unit: "s",
        bound: 1.5,
      },
    ],
    prepare({ resources }) {
      const { root } = resources.use(benchProject(chainFiles(6, { independent: false })));
      timed(root, ["run"]);
      return [
        {
          name: "steplab",
          measure: () => ({ wall: timed(root, ["run", "--force"]) }),
          work: () => shownByStage(root),
        },
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
          work: () => shownByStage(root),
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
      },
    ],
    prepare({ resources, say }) {
      say("first run …");
      const independent = stages > 100;
      const { root } = resources.use(benchProject(chainFiles(stages, { independent })));
      timed(root, ["run"]);
      return [
        {
          name: "steplab",
          measure: () => ({ wall: timed(root, ["run"]) }),
          work() {
            const { stages: ran } = lastRecord(root);
            const executed = Object.values(ran).filter(({ status }) => status !== "cached");
            return { stages: Object.keys(ran).length, executed: executed.length };
          },
        },
      ];
    },
  };
}

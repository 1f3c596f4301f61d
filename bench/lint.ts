/** `steplab lint` of this repository's example, types and all, with nothing cached. */
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasErrors } from "../core/diagnostic.ts";
import { STEPLAB_ROOT } from "../core/own-sources.ts";
import { openLint } from "../pipeline/lint/index.ts";
import type { Task } from "./measure.ts";
import { timed } from "./process.ts";
import { benchProject, chainFiles } from "./project.ts";

export const lintTasks: readonly Task[] = [
  {
    name: "lint-example",
    rounds: 7,
    rows: [{ figure: "wall", what: "lint of the example with types, cold", unit: "s", bound: 1.2 }],
    prepare({ resources }) {
      const { root } = resources.use(benchProject({}));
      for (const part of ["PIPELINE.md", "notebooks", "tsconfig.json", "package-lock.json"])
        cpSync(join(STEPLAB_ROOT, part), join(root, part), { recursive: true });
      linkPackages(root);
      return [
        {
          name: "steplab",
          measure() {
            rmSync(join(root, "runs"), { recursive: true, force: true }); // the cached contracts
            return { wall: timed(root, ["lint"]) };
          },
        },
      ];
    },
  },
  {
    name: "lint-200",
    rounds: 5,
    warmUp: false,
    rows: [
      { figure: "cold", what: "lint of 200 stages with types, cold", unit: "s", bound: 4 },
      {
        figure: "edited",
        what: "  again in a new process, one notebook edited",
        unit: "s",
      },
      {
        figure: "session",
        what: "  again in an open session, one notebook edited",
        unit: "s",
        bound: 0.5,
      },
    ],
    prepare({ resources }) {
      const { root } = resources.use(benchProject(chainFiles(200, { independent: false })));
      const session = resources.use(openLint(root));
      let edits = 0;
      return [
        {
          name: "steplab",
          async measure() {
            rmSync(join(root, "runs"), { recursive: true, force: true }); // the cached contracts
            const cold = timed(root, ["lint"]);
            edit(root, ++edits);
            const edited = timed(root, ["lint"]);
            await session.lint(); // what it has not seen yet
            edit(root, ++edits);
            const from = performance.now();
            const { diagnostics } = await session.lint();
            const seconds = (performance.now() - from) / 1000;
            if (hasErrors(diagnostics)) throw new Error("the project does not lint");
            return { cold, edited, session: seconds };
          },
        },
      ];
    },
  },
];

/** A number in the body of one stage in the middle. */
function edit(root: string, number: number): void {
  const path = join(root, "notebooks", "s100.ipynb");
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace(/point\.x \+ \d+/, `point.x + ${1000 + number}`));
}

function linkPackages(root: string): void {
  for (const name of ["zod", "arquero", "@types", "@tensorflow", "@duckdb"]) {
    const installed = join(STEPLAB_ROOT, "node_modules", name);
    const link = join(root, "node_modules", name);
    if (existsSync(installed) && !existsSync(link)) symlinkSync(installed, link);
  }
}

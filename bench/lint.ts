/** `steplab lint` of this repository's example, types and all, with nothing cached. */
import { cpSync, existsSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { STEPLAB_ROOT } from "../core/own-sources.ts";
import type { Task } from "./measure.ts";
import { timed } from "./process.ts";
import { benchProject } from "./project.ts";

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
];

function linkPackages(root: string): void {
  for (const name of ["zod", "arquero", "@types", "@tensorflow", "@duckdb"]) {
    const installed = join(STEPLAB_ROOT, "node_modules", name);
    const link = join(root, "node_modules", name);
    if (existsSync(installed) && !existsSync(link)) symlinkSync(installed, link);
  }
}

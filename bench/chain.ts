/** The runner: a chain of trivial stages, and runs in which nothing changed. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { benchProject, chainFiles } from "./project.ts";
import { medianOf, timed, type Row } from "./measure.ts";

/** Peers (reference: performance.md sections 1 and 3): ploomber 6.7 s, papermill API 6.8 s; make 0.24 s at 1000, DVC 0.75 / 13.7 s. */
export function benchChain(): Row[] {
  const rows: Row[] = [];
  {
    using project = benchProject(chainFiles(6, { independent: false }));
    const first = timed(project.root, ["run"]);
    rows.push({
      what: "six-stage chain, first run (lint with types, contracts and all)",
      bound: "",
      value: first,
      unit: "s",
    });
    rows.push({
      what: "six-stage chain of 11 trivial cells, cold process, archived",
      bound: "1.5",
      value: medianOf(7, () => timed(project.root, ["run", "--force"])),
      unit: "s",
    });
    rows.push({
      what: "nothing changed, 6 stages",
      bound: "0.15",
      value: medianOf(11, () => timed(project.root, ["run"])),
      unit: "s",
    });
    demandWhole(project.root, 6);
  }
  {
    // The notebooks differ by a number, so every stage has a key of its own.
    using project = benchProject(chainFiles(1000, { independent: true }));
    timed(project.root, ["run"]);
    rows.push({
      what: "nothing changed, 1000 stages",
      bound: "0.3",
      value: medianOf(7, () => timed(project.root, ["run"])),
      unit: "s",
    });
    demandWhole(project.root, 1000);
  }
  return rows;
}

/** The last run is archived with every stage's folder: a fast run that leaves something out is no run. */
function demandWhole(root: string, stages: number): void {
  const runs = join(root, "runs");
  const last =
    readdirSync(runs)
      .filter((name) => name.startsWith("20"))
      .sort()
      .at(-1) ?? "";
  const record = JSON.parse(readFileSync(join(runs, last, "run.json"), "utf8")) as {
    status: string;
    stages: Record<string, { notebook: { path: string } }>;
  };
  const paths = Object.values(record.stages).map(({ notebook }) => join(runs, last, notebook.path));
  if (
    record.status !== "succeeded" ||
    paths.length !== stages ||
    !paths.every((path) => existsSync(path))
  )
    throw new Error(`run ${last} is not whole`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.table(benchChain());

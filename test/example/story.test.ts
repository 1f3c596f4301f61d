/** The story of a pipeline in use: a good week, a bad delivery that stops before training, and its mend. */
import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunRecord } from "../../lineage/record.ts";
import { generateListings } from "../../notebooks/sample/generate.ts";
import { makeProject, repositoryRoot, type Project } from "../rig/project.ts";
import { lastRecord, steplab, type Command } from "../rig/run.ts";

/** A room south of Philadelphia, which the delivery says is in Harlem. */
const ASTRAY =
  "99999999,Sunny room,7,host,Manhattan,Harlem,39.80000,-73.94000,Private room,80,1,0,,,1,0\n";
const WEEK_2 = ["-i", "collect.delivery=data/week-2.csv"];

let project: Project;
let good: { command: Command; record: RunRecord };
let bad: { command: Command; record: RunRecord };

beforeAll(async () => {
  project = await makeProject({
    "data/listings.csv": generateListings(),
    "data/week-2.csv": generateListings({ seed: 43 }) + ASTRAY,
  });
  for (const part of ["PIPELINE.md", "notebooks"])
    cpSync(join(repositoryRoot, part), project.path(part), { recursive: true });
  const packages = join("node_modules", "@tensorflow");
  symlinkSync(join(repositoryRoot, packages), project.path(packages));
  good = { command: await steplab(project, ["run"]), record: lastRecord(project) };
  bad = { command: await steplab(project, ["run", ...WEEK_2]), record: lastRecord(project) };
}, 120_000);
afterAll(() => project[Symbol.asyncDispose]());

const statusesOf = ({ stages }: RunRecord): [string, string][] =>
  Object.entries(stages).map(([name, { status }]) => [name, status]);

test("the six stages run on a good delivery, every check passes, and the model meets its bar", () => {
  expect(good.command).toMatchObject({ code: 0, signal: null });
  expect(good.command.stderr).not.toContain("warning");
  const { status, stages } = good.record;
  expect(status).toBe("succeeded");
  expect(statusesOf(good.record)).toEqual(
    ["collect", "validate", "process", "build", "train", "deploy"].map((name) => [
      name,
      "succeeded",
    ]),
  );
  const checks = Object.values(stages).flatMap((stage) => stage.checks);
  expect(checks.filter((check) => check.status !== "passed")).toEqual([]);
  expect(checks.length).toBeGreaterThan(12);
  expect(stages["train"]?.metrics["testMae"]?.value).toBeLessThan(34);
});

test("a row outside the city stops the next delivery before training, named with the rule", () => {
  expect(bad.command.code).not.toBe(0);
  expect(bad.command.stdout).toMatch(
    /^ {2}process +checks-failed .*"inside the city": 1 of [\d,]+ rows/m,
  );
  expect(bad.record.status).toBe("failed");
  expect(statusesOf(bad.record)).toEqual([
    ["collect", "succeeded"],
    ["validate", "succeeded"],
    ["process", "checks-failed"],
    ["build", "not-run"],
    ["train", "not-run"],
    ["deploy", "not-run"],
  ]);
  const checks = bad.record.stages["process"]?.checks ?? [];
  expect(checks.filter((check) => check.status === "failed")).toMatchObject([
    {
      name: "inside the city",
      rule: "latitude in [40.5, 41.2], longitude in [-74.25, -73.5]",
      rows: {
        failed: 1,
        first: [{ values: { id: 99_999_999, latitude: 39.8, longitude: -73.94 } }],
      },
    },
  ]);
});

test("a geographic filter in process lets the rest through, and what did not change is not run again", async () => {
  const path = "notebooks/3-process.ipynb";
  const notebook = await project.read(path);
  const filter = "d.price <= params.maxPrice);";
  expect(notebook.split(filter).length).toBe(2); // once: the filter itself
  const south = "d.latitude >= params.city.south";
  await project.write(path, notebook.replace(filter, `${filter.slice(0, -2)} && ${south});`));
  const { code, stdout } = await steplab(project, ["run", "--to", "process", ...WEEK_2]);
  expect(code, stdout).toBe(0);
  expect(statusesOf(lastRecord(project)).slice(0, 3)).toEqual([
    ["collect", "cached"],
    ["validate", "cached"],
    ["process", "succeeded"],
  ]);
});

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { archiveOf } from "../../lineage/archive.ts";
import { ObjectStore } from "../../lineage/store/objects.ts";
import { a, inputs, outputs, parameters, z } from "../../stage/index.ts";
import { currentSession } from "../../stage/session.ts";
import type { OutputRecord, RunId } from "../../lineage/record.ts";
import { runRecord, stageRecord } from "../rig/records.ts";
import { StageHost } from "../rig/stage-host.ts";

const Row = z.object({ id: z.int() });
const RUN = "2026-11-20T091200Z-aaaa" as RunId; // of the right form

let project: StageHost;
beforeEach(async () => {
  project = new StageHost();
  await outputs({ listings: a.table(Row) }).listings.write([{ id: 7 }]);
  const bundle = join(project.root, "bundle");
  mkdirSync(bundle);
  writeFileSync(join(bundle, "a.txt"), "a");
  writeFileSync(
    join(project.root, "PIPELINE.md"),
    "---\npipeline: p\n---\n## Process\n```yaml stage\nname: process\nnotebook: notebooks/stage.ipynb\ninputs: { listings: collect.listings, delivery: 'data/*.csv', far: 'https://example.org/x.csv', texts: data, bundle: collect.bundle }\n```\n",
  );
  mkdirSync(join(project.root, "data"));
  writeFileSync(join(project.root, "data", "week-1.csv"), "id\n1\n");
  writeFileSync(join(project.root, "data", "week-2.csv"), "id\n2\n");
  const store = new ObjectStore(archiveOf(project.root));
  const listings = store.putFile(project.staged("listings"));
  const folder = store.putFolder(bundle);
  const made = (
    kind: OutputRecord["kind"],
    stored: Pick<OutputRecord, "digest" | "bytes">,
  ): OutputRecord => ({
    kind,
    mediaType: "x",
    schema: {},
    summary: {},
    path: "",
    ...stored,
  });
  const run = join(project.root, "runs", RUN);
  mkdirSync(run, { recursive: true });
  const stored = { listings: made("table", listings), bundle: made("folder", folder) };
  const record = runRecord(RUN, {
    endedAt: "2026-11-20T09:12:30.000Z",
    stages: { collect: stageRecord(RUN, { outputs: stored }) },
  });
  writeFileSync(join(run, "run.json"), JSON.stringify(record));
});
afterEach(() => project[Symbol.dispose]());

function opened(): StageHost {
  return new StageHost({ mode: "unbound", projectRoot: project.root });
}

describe("a stage opened in JupyterLab", () => {
  test("is bound to the newest artifact of what PIPELINE.md wires, and says which run that is", async () => {
    using lab = opened();
    const { listings } = inputs({ listings: a.table(Row) });
    expect((await listings.read()).objects()).toEqual([{ id: 7 }]);
    expect(await listings.numRows()).toBe(1);
    expect(lab.texts).toEqual([`listings: collect.listings of run ${RUN}, 2026-11-20 09:12 UTC`]);
  });
  test("prefers a run of the branch that is checked out, and says so where there is none", async () => {
    mkdirSync(join(project.root, ".git"));
    writeFileSync(join(project.root, ".git", "HEAD"), "ref: refs/heads/tuning\n");
    const run = join(project.root, "runs", RUN, "run.json");
    const record = JSON.parse(readFileSync(run, "utf8")) as { run: string };
    writeFileSync(run, JSON.stringify({ ...record, git: { branch: "tuning" } }));
    const newer = { ...record, run: "2026-11-21T091200Z-bbbb", git: { branch: "main" } };
    mkdirSync(join(project.root, "runs", newer.run));
    writeFileSync(join(project.root, "runs", newer.run, "run.json"), JSON.stringify(newer));
    using lab = opened();
    await inputs({ listings: a.table(Row) }).listings.numRows();
    expect(lab.texts[0]).toContain(`of run ${RUN}, 2026-11-20 09:12 UTC`);
    expect(lab.texts[0]).not.toContain("branch");
    writeFileSync(join(project.root, ".git", "HEAD"), "ref: refs/heads/other\n");
    using again = opened();
    await inputs({ listings: a.table(Row) }).listings.numRows();
    expect(again.texts[0]).toContain("of branch main: there is none of other");
  });
  test("reads data sources where they lie, of a pattern the last by name", async () => {
    using lab = opened();
    const { delivery } = inputs({ delivery: a.file({ media: "text/csv" }) });
    expect((await delivery.csv(Row).read()).array("id")).toEqual([2]);
    expect(lab.texts).toEqual(["delivery: data/week-2.csv, as it is now"]);
  });
  test("finds the files of a folder", async () => {
    using _ = opened();
    expect((await inputs({ bundle: a.folder() }).bundle.list()).map(({ path }) => path)).toEqual([
      "a.txt",
    ]);
  });
  test("reads a folder that is a data source where it lies", async () => {
    using lab = opened();
    const { texts } = inputs({ texts: a.folder() });
    expect((await texts.list()).map(({ path }) => path)).toEqual(["week-1.csv", "week-2.csv"]);
    expect(lab.texts).toEqual(["texts: data, as it is now"]);
  });
  test("keeps models whose transformers lie anywhere in the project: its root is not the kernel's folder", () => {
    using _ = opened();
    expect(currentSession().projectRoot).toBe(project.root);
    expect(process.cwd()).not.toBe(project.root);
  });
  test("takes defaults for parameters, and may write an output again", async () => {
    using lab = opened();
    expect(parameters({ n: z.int().default(3) })).toEqual({ n: 3 });
    const { report } = outputs({ report: a.json(z.int()) });
    await report.write(1);
    await report.write(2);
    expect(lab.facts).toHaveLength(2);
    await lab.settle();
  });
  test.each(["far", "unknown"])(
    "says what is missing when nothing can be bound to %s",
    async (name) => {
      using _ = opened();
      mkdirSync(join(project.root, "notebooks"));
      writeFileSync(join(project.root, "notebooks", "stage.ipynb"), "{}");
      const input = inputs({ [name]: a.file() })[name];
      await expect(input?.path()).rejects.toMatchObject({
        code: "input/not-bound",
        hint: expect.stringContaining(`Wire it in PIPELINE.md (inputs: { ${name}:`) as string,
      });
    },
  );
  test("in a front end that does not name the notebook, is told how to", async () => {
    using _ = opened();
    await expect(inputs({ unknown: a.file() }).unknown.path()).rejects.toMatchObject({
      code: "input/not-bound",
      hint: expect.stringContaining("Set the environment variable STEPLAB_NOTEBOOK") as string,
    });
  });
});

test("an exploring notebook names its source itself", async () => {
  using lab = opened();
  const { rows } = inputs({ rows: a.table(Row).from("collect.listings") });
  expect((await rows.read()).array("id")).toEqual([7]);
  expect(lab.texts[0]).toContain("rows: collect.listings of run");
});

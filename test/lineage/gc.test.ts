/** What `steplab gc` frees, and what it never does: beside runs, killed in the middle, twice at once. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { archiveOf } from "../../lineage/archive.ts";
import { collectGarbage } from "../../lineage/gc/collect.ts";
import { planDrop, type DropRule } from "../../lineage/gc/drop.ts";
import { lockForGc } from "../../lineage/gc/lock.ts";
import { planGc, type GcOptions } from "../../lineage/gc/plan.ts";
import { protect, unprotect } from "../../lineage/gc/protect.ts";
import { briefOf } from "../../lineage/query/brief.ts";
import { listRuns } from "../../lineage/query/runs.ts";
import { ObjectStore } from "../../lineage/store/objects.ts";
import { verifyArchive } from "../../lineage/verify.ts";
import type { RunId } from "../../lineage/record.ts";
import { makeProject, type Project } from "../rig/project.ts";
import { runId, runRecord, stageRecord, storedOutput, writeRun } from "../rig/records.ts";
import { errorOf, eventOf, folderOf, runProject, startSteplab, steplab } from "../rig/run.ts";
import { MAKE, stepProject } from "../rig/steps.ts";

/** A millisecond from now: a file's time is finer than the clock's. */
const at = (rule: DropRule = {}, graceMs = 0): GcOptions => ({
  rule,
  graceMs,
  now: Date.now() + 1,
});
const junk = (project: Project, text: string) =>
  new ObjectStore(archiveOf(project.root)).putBytes(text);
const has = (project: Project, digest: `sha256:${string}`): boolean =>
  new ObjectStore(archiveOf(project.root)).has(digest);

/** Two runs by hand, the second of which reads a folder of one file; and bytes that nothing needs. */
async function archive(): Promise<{ project: Project; needed: `sha256:${string}`[] }> {
  const project = await makeProject({ "PIPELINE.md": "", "data/tree/a.txt": "a" });
  const store = new ObjectStore(archiveOf(project.root));
  const tree = store.putFolder(project.path("data/tree"));
  const [file] = store.readManifest(tree.digest).files;
  const [one, two] = [storedOutput(project, "one"), storedOutput(project, "two")];
  writeRun(
    project,
    runRecord(runId(1), { stages: { make: stageRecord(runId(1), { outputs: { one } }) } }),
  );
  const inputs = { tree: { source: { path: "data/tree" }, ...tree } };
  writeRun(
    project,
    runRecord(runId(2), { stages: { make: stageRecord(runId(2), { inputs, outputs: { two } }) } }),
  );
  return { project, needed: [two.digest, tree.digest, file?.digest ?? two.digest] };
}

describe("an archive without runs under way", () => {
  test("what nothing needs is shown in bytes, and freed only with --yes", async () => {
    const { project } = await archive();
    await using _removed = project;
    const left = junk(project, "nobody's");
    const shown = await steplab(project, ["gc", "--grace", "0m"]);
    expect(shown.stdout).toMatch(
      /^objects that nothing needs {2}1 {2}8 B\n4 objects, \d+ B: needed\n\n8 B would be freed\. Free it: the same command with --yes\n$/,
    );
    expect(has(project, left.digest)).toBe(true);
    expect((await steplab(project, ["gc", "--grace", "0m", "--yes"])).stdout).toMatch(
      /\n8 B freed\n$/,
    );
    expect(has(project, left.digest)).toBe(false);
    expect((await steplab(project, ["gc", "--grace", "0m"])).stdout).toMatch(
      /\nThere is nothing to free\.\n$/,
    );
    const problems = verifyArchive(project.root).problems.filter(
      ({ kind }) => kind !== "missing-file",
    );
    expect(problems).toEqual([]); // the records were written without their folders
  });

  test("what is younger than the grace period stays, and what is found again is young again", async () => {
    const { project } = await archive();
    await using _removed = project;
    const left = junk(project, "nobody's");
    expect(collectGarbage(project.root, at({}, 60_000)).recent).toEqual({ count: 1, bytes: 8 });
    const old = new Date(Date.now() - 3_600_000);
    utimesSync(new ObjectStore(archiveOf(project.root)).pathOf(left.digest), old, old);
    junk(project, "nobody's");
    expect(collectGarbage(project.root, at({}, 60_000)).objects).toEqual([]);
  });

  test("contracts and verdicts of code that nobody judges any more are freed, those in use stay", async () => {
    await using project = await stepProject({ make: MAKE });
    await steplab(project, ["lint"]);
    await steplab(project, ["status"]);
    const kept = ["contracts", "cache/judged"].flatMap((folder) =>
      readdirSync(project.path(`runs/.store/${folder}`)).map((name) =>
        project.path(`runs/.store/${folder}/${name}`),
      ),
    );
    expect(kept).toHaveLength(2);
    const old = new Date(Date.now() - 31 * 24 * 3_600_000);
    const age = (): void => kept.forEach((path) => utimesSync(path, old, old));
    age();
    await steplab(project, ["lint"]);
    await steplab(project, ["status"]);
    expect(planGc(project.root, at()).unused).toEqual([]);
    age();
    const freed = await steplab(project, ["gc", "--grace", "0m", "--yes"]);
    expect(freed.stdout).toMatch(/^kept for code not judged in 30 days {2}2 /m);
    expect(kept.filter((path) => existsSync(path))).toEqual([]);
  });

  test("a dropped run goes whole, with its objects and keys; the others have all they need", async () => {
    const { project, needed } = await archive();
    await using _removed = project;
    const plan = collectGarbage(project.root, at({ keepRuns: 1 }));
    expect(plan.drop.map(({ run }) => run)).toEqual([runId(1)]);
    expect(listRuns(project.root)).toEqual([runId(2)]);
    expect([...new ObjectStore(archiveOf(project.root)).list()]).toEqual(needed.toSorted());
  });

  test("a run that a document of the project names stays", async () => {
    const { project } = await archive();
    await using _removed = project;
    mkdirSync(project.path("docs.md"));
    symlinkSync("nowhere.md", project.path("link.md")); // neither is a document
    await project.write("pipelines/score.md", `inputs: { old: run:${runId(1)}/make.one }\n`);
    expect(collectGarbage(project.root, at({ keepRuns: 1 }))).toMatchObject({
      drop: [],
      kept: [{ run: runId(1), why: "needed by pipelines/score.md" }],
    });
  });

  test("what is protected stays, and so does everything while that cannot be read", async () => {
    const { project } = await archive();
    await using _removed = project;
    const place = archiveOf(project.root);
    const left = junk(project, "a model's");
    protect(place, "price-3", {
      why: "model price, version 3",
      digests: [left.digest],
      runs: [runId(1)],
    });
    const plan = collectGarbage(project.root, at({ keepRuns: 1 }));
    expect(plan.kept).toEqual([{ run: runId(1), why: "needed by model price, version 3" }]);
    expect([has(project, left.digest), listRuns(project.root).length]).toEqual([true, 2]);
    const named = await errorOf(Promise.try(() => planGc(project.root, at({ runs: [runId(1)] }))));
    expect(named.message).toBe(`Run ${runId(1)} stays: it is needed by model price, version 3.`);
    writeFileSync(project.path("runs/.store/refs/protected/other.json"), "{");
    expect((await errorOf(Promise.try(() => collectGarbage(project.root, at())))).code).toBe(
      "gc/unreadable",
    );
    rmSync(project.path("runs/.store/refs/protected/other.json"));
    unprotect(place, "price-3");
    expect(collectGarbage(project.root, at()).objects.map(({ digest }) => digest)).toEqual([
      left.digest,
    ]);
  });

  test("the code that --explain compares with stays, whoever made it", async () => {
    const { project } = await archive();
    await using _removed = project;
    const code = junk(project, "const x = 1;");
    await project.write("runs/.store/refs/stages/P.make.json", JSON.stringify({ at: code.digest }));
    expect(collectGarbage(project.root, at()).objects).toEqual([]);
  });

  test("a record that cannot be read may need anything: nothing is freed", async () => {
    const { project } = await archive();
    await using _removed = project;
    const left = junk(project, "nobody's");
    await project.write(`runs/${runId(3)}/run.json`, "{");
    const told = await errorOf(Promise.try(() => collectGarbage(project.root, at())));
    expect([told.code, told.hint]).toEqual([
      "gc/unreadable",
      `Restore runs/${runId(3)}/run.json, or remove the folder runs/${runId(3)} if the run is not wanted.`,
    ]);
    expect(has(project, left.digest)).toBe(true);
  });

  test("what killed commands left goes: scratch, temporary files, a collection's own", async () => {
    const { project } = await archive();
    await using _removed = project;
    const left = [
      `runs/.store/scratch/${runId(9)}/make/tmp/big.bin`,
      "runs/.store/objects/incoming.999999999.abcd.tmp",
      `runs/.store/trash/${runId(8)}/run.json`,
      `runs/${runId(2)}/run.json.999999999.abcd.tmp`,
    ];
    for (const path of left) await project.write(path, "left");
    const dead = { pid: 999_999_999, startedAt: null, host: hostname() };
    await project.write("runs/.store/refs/gc.lock", JSON.stringify(dead));
    expect(collectGarbage(project.root, at()).leftovers.length).toBe(left.length);
    expect(left.filter((path) => existsSync(project.path(path)))).toEqual([]);
    expect(existsSync(project.path("runs/.store/refs/gc.lock"))).toBe(false);
  });
});

test("runs are dropped when they fit every rule; never the newest that succeeded of a branch or tag", () => {
  const make = (
    n: number,
    branch: string,
    status: "succeeded" | "failed",
    tag: string | null = null,
  ) =>
    briefOf(
      runRecord(runId(n), {
        status,
        git: { commit: null, branch, tag, dirty: false, changes: null },
      }),
    );
  const briefs = [
    make(5, "main", "failed"),
    make(4, "main", "succeeded"),
    make(3, "trees", "succeeded"),
    make(2, "main", "succeeded", "v1"),
    make(1, "main", "succeeded"),
  ];
  const dropped = (rule: DropRule): RunId[] => planDrop(briefs, rule, []).drop;
  expect(dropped({})).toEqual([]);
  expect(dropped({ keepRuns: 0 })).toEqual([5, 1].map(runId));
  expect(dropped({ failed: true })).toEqual([runId(5)]);
  expect(dropped({ keepRuns: 1 })).toEqual([runId(1)]);
  expect(dropped({ endedBefore: Date.parse("2026-11-21T00:00:02Z") })).toEqual([runId(1)]);
  expect(dropped({ failed: true, endedBefore: Date.parse("2026-11-21T00:00:02Z") })).toEqual([]);
  expect(planDrop(briefs, { keepRuns: 0 }, []).kept).toContainEqual({
    run: runId(2),
    why: "the newest that succeeded of tag v1",
  });
});

describe("beside real runs", () => {
  let project: Project;
  /** Waits in its cell until the test lets it go on, then makes what `make` makes. */
  const WAIT = {
    imports: `import { z, a, parameters, inputs, outputs } from "steplab";\nimport { existsSync } from "node:fs";\nimport { setTimeout as after } from "node:timers/promises";\nimport { twice } from "./twice.ts";`,
    inputs: { n: ["a.json(z.int())", "make.n"] } as const,
    outputs: "const output = outputs({ text: a.json(z.string()) });",
    body: [
      `console.log("waiting");\nwhile (!existsSync("go")) await after(10);`,
      `await output.text.write("long since stored".repeat(twice(1)));`,
    ],
  };
  beforeAll(async () => {
    project = await stepProject(
      { make: MAKE, wait: WAIT },
      {},
      { "notebooks/twice.ts": "export const twice = (n: number): number => n * 2;\n" },
    );
  });
  afterAll(() => project[Symbol.asyncDispose]());

  test("a collection while a run is under way takes nothing from it, and drops no run", async () => {
    await project.write("go", "");
    const { record: first } = await runProject(project);
    const text = first.stages["wait"]?.outputs["text"]?.digest;
    // Of what the first run made nothing is needed any more: its folder is gone, and the second will make it again.
    rmSync(folderOf(project, first), { recursive: true });
    await project.remove("go");
    const started = startSteplab(project, ["run", "--force", "--json"]);
    await eventOf(
      started,
      "cell-started",
      ({ stage, title }) => stage === "wait" && title.includes("waiting"),
    );
    const left = junk(project, "nobody's");
    const beside = await steplab(project, [
      "gc",
      "--grace",
      "0m",
      "--keep-runs",
      "0",
      "--yes",
      "--json",
    ]);
    const report = JSON.parse(beside.stdout) as { running: string[]; runs: unknown[] };
    expect([report.running.length, report.runs]).toEqual([1, []]);
    expect(has(project, left.digest)).toBe(false);
    await project.write("go", "");
    expect((await started.done).code).toBe(0);
    expect(text && has(project, text)).toBe(true);
    expect(verifyArchive(project.root).problems).toEqual([]);
  });

  test("a run that begins while a collection is at work waits for its end", async () => {
    const order: string[] = [];
    const running = archiveOf(project.root).refs;
    const lock = lockForGc(archiveOf(project.root));
    const second = await errorOf(Promise.try(() => collectGarbage(project.root, at())));
    expect(second.code).toBe("gc/under-way");
    const run = runProject(project, { onEvent: ({ type }) => order.push(type) });
    while (
      !existsSync(join(running, "running")) ||
      readdirSync(join(running, "running")).length === 0
    )
      await new Promise((resolve) => setImmediate(resolve));
    order.push("unlocked");
    lock[Symbol.dispose]();
    expect((await run).record.status).toBe("succeeded");
    expect(order.slice(0, 2)).toEqual(["unlocked", "run-started"]);
  });

  test("dropped runs leave no link that leads nowhere, and the next run is cached from what stayed", async () => {
    await runProject(project);
    const cached = await runProject(project);
    collectGarbage(project.root, at({ keepRuns: 1 }));
    expect(listRuns(project.root)).toEqual([cached.record.run]);
    for (const entry of readdirSync(folderOf(project, cached.record), {
      recursive: true,
      withFileTypes: true,
    }))
      if (entry.isSymbolicLink())
        expect(
          existsSync(join(entry.parentPath, entry.name)),
          readlinkSync(join(entry.parentPath, entry.name)),
        ).toBe(true);
    expect(verifyArchive(project.root).problems).toEqual([]);
    expect((await runProject(project)).statuses).toEqual({ make: "cached", wait: "cached" });
  });

  test("killed in the middle, the archive is whole and the next collection goes on", async () => {
    for (let i = 0; i < 3000; i++) writeOldObject(project, i);
    const before = countObjects(project);
    const started = startSteplab(project, ["gc", "--grace", "0m", "--yes"]);
    while (countObjects(project) === before) await new Promise((resolve) => setImmediate(resolve));
    started.process.kill("SIGKILL");
    await started.done;
    expect(
      verifyArchive(project.root).problems.filter(({ kind }) => kind !== "damaged-object"),
    ).toEqual([]);
    collectGarbage(project.root, at());
    expect(verifyArchive(project.root).problems).toEqual([]);
    expect(planGc(project.root, at())).toMatchObject({ objects: [], leftovers: [] });
  });
});

/** Not what its name says, which only `steplab verify` would mind: three thousand digests take time. */
function writeOldObject(project: Project, i: number): void {
  const hex = i.toString(16).padStart(64, "0");
  const path = project.path(`runs/.store/objects/${hex.slice(62)}/${hex.slice(0, 62)}`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, String(i));
}

function countObjects(project: Project): number {
  return [...new ObjectStore(archiveOf(project.root)).list()].length;
}

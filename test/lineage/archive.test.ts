/** What a run leaves behind, looked at as a person would who knows nothing but DESIGN 8. */
import { createHash } from "node:crypto";
import { lstatSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { slotOf } from "../../core/notebook/index.ts";
import { readJournal } from "../../lineage/journal.ts";
import type { RunRecord, StageRecord } from "../../lineage/record.ts";
import { schemaFaults } from "../notebook/schema.ts";
import type { Project } from "../rig/project.ts";
import { executedNotebook, filesBelow, folderOf, runProject, type Ran } from "../rig/run.ts";
import { stepProject, type Steps } from "../rig/steps.ts";

const STEPS: Steps = {
  make: {
    description: "Makes things of every kind.",
    imports: `import { z, a, parameters, inputs, outputs, check, display, finding } from "steplab";
import { writeFileSync, mkdirSync } from "node:fs";`,
    parameters: `const params = parameters({ rows: z.int().default(3), label: z.string().default("x") });`,
    inputs: { raw: ["a.file()", "data/raw.csv"] },
    outputs: `const output = outputs({
  rows: a.table(z.object({ id: z.int(), name: z.string() })),
  report: a.json(z.object({ label: z.string() })),
  small: a.file({ media: "text/plain" }),
  large: a.file({ media: "application/octet-stream" }),
  tree: a.folder(),
  size: a.metric({ goal: "max", unit: "rows" }),
});`,
    body: [
      `console.log("working");\nconst rows = Array.from({ length: params.rows }, (_, i) => ({ id: i, name: "n" + i }));\nrows.length`,
      `await output.rows.write(rows);
await output.report.write({ label: params.label });
await input.raw.bytes();
await output.small.write("a few words");
await output.large.write(Buffer.alloc(3 << 20, 7));
const tree = await output.tree.path();
mkdirSync(tree + "/deep");
writeFileSync(tree + "/deep/a.txt", "a");
writeFileSync(tree + "/b.txt", "b");
output.size.write(rows.length);`,
    ],
    checks: `check("has rows", rows.length > 0, { rule: "at least one" });\nfinding("Names are short.", { tags: ["names"] });`,
    scratch: `throw new Error("scratch is not run")`,
  },
  use: {
    inputs: { rows: ["a.table(z.object({ id: z.int(), name: z.string() }))", "make.rows"] },
    outputs: "const output = outputs({ n: a.json(z.int()) });",
    body: "const rows = await input.rows.read(); await output.n.write(rows.numRows());",
  },
};

let project: Project;
let ran: Ran;
let record: RunRecord;
let folder: string;
let make: StageRecord;

beforeAll(async () => {
  project = await stepProject(STEPS, { pipeline: "kinds", seed: 7 }, { "data/raw.csv": "id\n1\n" });
  ran = await runProject(project);
  ({ record } = ran);
  folder = folderOf(project, record);
  make = record.stages["make"] as StageRecord; // the run made it; the first test would fail otherwise
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

const sha256 = (bytes: Uint8Array): string =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const json = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), "utf8"));

describe("a run's folder", () => {
  test("holds the document, a folder for every stage, the record and the journal, and nothing else", () => {
    expect(ran.statuses).toEqual({ make: "succeeded", use: "succeeded" });
    expect(filesBelow(folder)).toEqual([
      "1-make/large",
      "1-make/make.ipynb",
      "1-make/report.json",
      "1-make/rows.parquet",
      "1-make/small.txt",
      "1-make/stage.md",
      "1-make/tree/b.txt",
      "1-make/tree/deep/a.txt",
      "2-use/n.json",
      "2-use/stage.md",
      "2-use/use.ipynb",
      "PIPELINE.md",
      "events.jsonl",
      "run.json",
    ]);
  });

  test("keeps PIPELINE.md and each stage's description as they stood", async () => {
    expect(readFileSync(join(folder, "PIPELINE.md"), "utf8")).toBe(
      await project.read("PIPELINE.md"),
    );
    expect(readFileSync(join(folder, "1-make/stage.md"), "utf8")).toBe(
      "# The stage make\n\nWhy there is a stage make.\n",
    );
  });

  test("has small outputs as files of its own and large ones as relative links into the store", () => {
    expect(lstatSync(join(folder, "1-make/small.txt")).isFile()).toBe(true);
    const link = readlinkSync(join(folder, "1-make/large"));
    expect(isAbsolute(link)).toBe(false);
    expect(link).toMatch(/^\.\.\/\.\.\/\.store\/objects\/[0-9a-f]{2}\/[0-9a-f]{62}$/);
    expect(sha256(readFileSync(join(folder, "1-make/large")))).toBe(make.outputs["large"]?.digest);
  });
});

describe("the record", () => {
  test("has every name of the published spine", () => {
    expect(Object.keys(record)).toEqual(
      expect.arrayContaining(
        "steplab run pipeline status startedAt endedAt seed git environment stages".split(" "),
      ),
    );
    expect(json("run.json")).toEqual(record);
    expect(record).toMatchObject({
      steplab: 1,
      pipeline: "kinds",
      status: "succeeded",
      seed: 7,
      git: null,
    });
    expect(record.environment).toMatchObject({
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
      lockfile: null,
    });
    expect(Object.keys(make)).toEqual(
      expect.arrayContaining(
        "index status executedIn key template params reproducible resumed notebook inputs outputs checks metrics notes attempts cells error".split(
          " ",
        ),
      ),
    );
  });

  test("is written with sorted keys, indented", () => {
    const text = readFileSync(join(folder, "run.json"), "utf8");
    const sorted = (value: unknown): unknown =>
      value === null || typeof value !== "object" || Array.isArray(value)
        ? Array.isArray(value)
          ? value.map(sorted)
          : value
        : Object.fromEntries(
            Object.entries(value)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([key, inner]) => [key, sorted(inner)]),
          );
    expect(text).toBe(`${JSON.stringify(sorted(JSON.parse(text)), null, 2)}\n`);
  });

  test("ties each output to its bytes, its inputs and its parameters", () => {
    expect(make.params).toEqual({ rows: 3, label: "x" });
    expect(make.inputs["raw"]).toEqual({
      source: { path: "data/raw.csv" },
      digest: sha256(Buffer.from("id\n1\n")),
      bytes: 5,
    });
    expect(record.stages["use"]?.inputs["rows"]).toEqual({
      source: { stage: "make", output: "rows" },
      digest: make.outputs["rows"]?.digest,
      bytes: make.outputs["rows"]?.bytes,
    });
    for (const [name, output] of Object.entries(make.outputs)) {
      if (name === "tree") continue;
      const bytes = readFileSync(join(folder, output.path));
      expect([name, sha256(bytes), bytes.length]).toEqual([name, output.digest, output.bytes]);
    }
    expect(make.outputs["rows"]).toMatchObject({
      kind: "table",
      mediaType: "application/vnd.apache.parquet",
      summary: { rows: 3 },
    });
  });

  test("has checks, metrics, notes, attempts and a line a cell", () => {
    expect(make.checks).toEqual([
      { name: "has rows", status: "passed", severity: "error", rule: "at least one" },
    ]);
    expect(make.metrics).toEqual({ size: { value: 3, goal: "max", unit: "rows", series: null } });
    expect(make.notes).toMatchObject([
      { kind: "finding", text: "Names are short.", tags: ["names"], on: [{ input: "raw" }] },
    ]);
    expect(make.attempts).toMatchObject([{ status: "succeeded" }]);
    expect(make.cells.map(({ id, slot, status }) => `${id} ${slot} ${status}`)).toEqual([
      "imports imports ok",
      "injected-parameters injected-parameters ok",
      "parameters parameters ok",
      "inputs inputs ok",
      "outputs outputs ok",
      "body-1 null ok",
      "body-2 null ok",
      "checks-1 checks ok",
    ]);
    for (const { wallMs, cpuMs, peakRssBytes } of make.cells) {
      expect(wallMs).toBeGreaterThan(0);
      expect(cpuMs).toBeGreaterThanOrEqual(0);
      expect(peakRssBytes).toBeGreaterThan(10 << 20);
    }
  });
});

describe("the executed notebook", () => {
  test("is valid nbformat 4.5 and shows what the cells wrote and returned", () => {
    expect(schemaFaults(json("1-make/make.ipynb"))).toEqual([]);
    const body = executedNotebook(project, record, "make").cells.find(({ id }) => id === "body-1");
    expect(body?.outputs).toEqual([
      { output_type: "stream", name: "stdout", text: "working\n" },
      {
        output_type: "execute_result",
        execution_count: body?.executionCount,
        data: { "text/plain": "3" },
        metadata: {},
      },
    ]);
    expect(sha256(readFileSync(join(folder, "1-make/make.ipynb")))).toBe(make.notebook.executed);
    expect(sha256(readFileSync(project.path("notebooks/make.ipynb")))).toBe(make.notebook.source);
  });

  test("has the resolved parameters as code directly before the parameters cell, with an import of its own", () => {
    const { cells } = executedNotebook(project, record, "make");
    const at = cells.findIndex((cell) => slotOf(cell.metadata) === "injected-parameters");
    expect(cells[at + 1]?.slot).toBe("parameters");
    expect(cells[at]?.source).toBe(
      `import { inject } from "steplab";\ninject({\n  "rows": 3,\n  "label": "x"\n});`,
    );
  });

  test("leaves scratch out", () => {
    const text = readFileSync(join(folder, "1-make/make.ipynb"), "utf8");
    expect(text).not.toContain("scratch is not run");
  });

  test("carries papermill's metadata, for the notebook and for each cell", () => {
    const { metadata, cells } = executedNotebook(project, record, "make");
    expect(metadata["papermill"]).toMatchObject({
      input_path: "notebooks/make.ipynb",
      output_path: "1-make/make.ipynb",
      parameters: { rows: 3, label: "x" },
      exception: null,
      duration: expect.any(Number) as number,
    });
    expect(metadata.steplab).toMatchObject({ run: record.run, stage: "make", status: "succeeded" });
    for (const cell of cells.filter(({ type }) => type === "code"))
      expect(cell.metadata["papermill"]).toMatchObject({ status: "completed", exception: null });
  });
});

describe("the store", () => {
  test("holds objects that are read-only and named by the digest of their bytes", () => {
    const objects = project.path("runs/.store/objects");
    const files = filesBelow(objects);
    expect(files.length).toBeGreaterThan(8);
    for (const file of files) {
      expect(sha256(readFileSync(join(objects, file)))).toBe(`sha256:${file.replace("/", "")}`);
      expect(statSync(join(objects, file)).mode & 0o222).toBe(0);
    }
  });

  test("has a folder artifact as a manifest of its files, in order", () => {
    const digest = make.outputs["tree"]?.digest ?? "";
    const hex = digest.slice("sha256:".length);
    const text = readFileSync(
      project.path(`runs/.store/objects/${hex.slice(0, 2)}/${hex.slice(2)}`),
      "utf8",
    );
    expect(JSON.parse(text)).toEqual({
      folder: 1,
      files: [
        { path: "b.txt", digest: sha256(Buffer.from("b")), bytes: 1 },
        { path: "deep/a.txt", digest: sha256(Buffer.from("a")), bytes: 1 },
      ],
    });
  });

  test("has no temporary files and no scratch left", () => {
    const left = filesBelow(project.path("runs")).filter((file) => /\.tmp$|\/scratch\//.test(file));
    expect(left).toEqual([]);
  });
});

describe("the journal", () => {
  test("tells the same story as the record", () => {
    const events = readJournal(folder);
    expect(events).toEqual(ran.events);
    expect(events[0]).toMatchObject({
      type: "run-started",
      run: record.run,
      pipeline: "kinds",
      seed: 7,
    });
    expect(events.at(-1)).toMatchObject({ type: "run-ended", status: "succeeded" });
    for (const [name, stage] of Object.entries(record.stages)) {
      const ended = events.filter((event) => event.type === "stage-ended" && event.stage === name);
      expect(ended).toHaveLength(1);
      expect(ended[0]).toMatchObject({ status: stage.status, record: stage });
      const cells = events.filter((event) => event.type === "cell-ended" && event.stage === name);
      expect(cells).toHaveLength(stage.cells.length);
    }
    const at = events.map((event) => event.at);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
  });
});

describe("the archive", () => {
  test("names no absolute path of this machine: not the project's, not steplab's, not Node's, not a home", () => {
    const leaks: string[] = [];
    const secrets = [
      project.root,
      process.execPath,
      `${join(import.meta.dirname, "../..")}/`,
      `${homedir()}/`,
    ];
    for (const file of filesBelow(project.path("runs"))) {
      if (file.startsWith(".store/cache/")) continue; // not part of a run: derived again when it is gone
      const text = readFileSync(join(project.path("runs"), file), "latin1");
      for (const secret of secrets) if (text.includes(secret)) leaks.push(`${file}: ${secret}`);
    }
    expect(leaks).toEqual([]);
  });

  test("can be moved whole: a cached run's links are relative and lead to the same bytes", async () => {
    const again = await runProject(project);
    expect(again.statuses).toEqual({ make: "cached", use: "cached" });
    const cached = folderOf(project, again.record);
    expect(filesBelow(cached)).toEqual(filesBelow(folder));
    expect(again.record.stages["make"]?.executedIn).toBe(record.run);
    for (const file of filesBelow(join(cached, "1-make")).filter((name) => name !== "stage.md")) {
      const path = join(cached, "1-make", file);
      expect(isAbsolute(readlinkSync(path))).toBe(false);
      expect(readFileSync(path)).toEqual(readFileSync(join(folder, "1-make", file)));
    }
  });
});

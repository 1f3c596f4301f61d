/** A run as plain files: complete, checkable, the same bytes every time, readable by everybody's tools. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { crc32, inflateRawSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { digestOf, hexOf } from "../../core/digest.ts";
import { archiveOf } from "../../lineage/archive.ts";
import { exportRun, type ExportOptions } from "../../lineage/export/export.ts";
import type { RunRecord } from "../../lineage/record.ts";
import { ObjectStore } from "../../lineage/store/objects.ts";
import { makeProject, type Project } from "../rig/project.ts";
import {
  fromPath,
  fromStage,
  runId,
  runRecord,
  stageRecord,
  storedOutput,
  writeRun,
} from "../rig/records.ts";
import { errorOf, filesBelow, steplab } from "../rig/run.ts";

const DEEP = `${"sehr-langer-ordner/".repeat(9)}größe — 大きさ.txt`;

let project: Project;
let record: RunRecord;
beforeEach(async () => {
  project = await makeProject({
    "PIPELINE.md": "",
    "data/x.csv": "x\n",
    [`tree/${DEEP}`]: "deep",
    "tree/a.txt": "a",
  });
  const store = new ObjectStore(archiveOf(project.root));
  const tree = store.putFolder(project.path("tree"));
  const delivery = store.putFile(project.path("data/x.csv"));
  const run = runId(1);
  const rows = storedOutput(project, "rows", { path: "1-make/rows.json" });
  const notebook = store.putBytes("{}");
  record = writeRun(
    project,
    runRecord(run, {
      stages: {
        make: stageRecord(run, {
          inputs: { delivery: fromPath("data/x.csv", delivery.digest, delivery.bytes) },
          outputs: {
            rows,
            tree: {
              ...rows,
              ...tree,
              kind: "folder",
              mediaType: "application/vnd.steplab.folder+json",
              path: "1-make/tree",
            },
          },
          modules: {
            "notebooks/own.ts": store.putBytes("export const own = 1;\n").digest,
            "secret.ts": null,
          },
          notebook: {
            source: digestOf("source"),
            executed: notebook.digest,
            path: "1-make/make.ipynb",
          },
        }),
        use: stageRecord(run, { index: 2, inputs: { rows: fromStage("make", "rows", rows) } }),
      },
    }),
  );
  const folder = project.path(`runs/${run}`);
  mkdirSync(join(folder, "1-make"));
  for (const [path, text] of [
    ["PIPELINE.md", "# It\n"],
    ["events.jsonl", "{}\n"],
    ["1-make/stage.md", "Make.\n"],
    ["1-make/cell-3.stdout.txt", "long\n"],
  ])
    writeFileSync(join(folder, path ?? ""), text ?? "");
});
afterEach(() => project[Symbol.asyncDispose]());

const write = (to: string, options: Omit<ExportOptions, "to"> = {}) =>
  exportRun(project.root, record.run, { to: project.path(to), ...options });

const ALL = [
  "1-make/cell-3.stdout.txt",
  "1-make/make.ipynb",
  "1-make/rows.json",
  "1-make/stage.md",
  "1-make/tree/a.txt",
  `1-make/tree/${DEEP}`,
  "PIPELINE.md",
  "README.md",
  "SHA256SUMS",
  "code/notebooks/own.ts",
  "events.jsonl",
  "inputs/make.delivery/x.csv",
  "run.json",
];

/** As `sha256sum -c` does. */
function wrongSums(folder: string): string[] {
  return readFileSync(join(folder, "SHA256SUMS"), "utf8")
    .trimEnd()
    .split("\n")
    .filter(
      (line) => hexOf(digestOf(readFileSync(join(folder, line.slice(66))))) !== line.slice(0, 64),
    );
}

test("a folder holds all of a run as copies, and the sums of all but themselves", async () => {
  expect(await write("out")).toMatchObject({ files: ALL.length });
  expect(filesBelow(project.path("out")).toSorted()).toEqual(ALL.toSorted());
  expect(ALL.every((path) => lstatSync(project.path(`out/${path}`)).isFile())).toBe(true);
  expect(wrongSums(project.path("out"))).toEqual([]);
  expect(readFileSync(project.path("out/SHA256SUMS"), "utf8").trimEnd().split("\n")).toHaveLength(
    ALL.length - 1,
  );
  expect(await project.read("out/README.md")).toContain(
    "| make | succeeded | [make.ipynb](1-make/make.ipynb) | [rows.json](1-make/rows.json), [tree](1-make/tree) |",
  );
});

test("an archive unpacks to the same files with tar, whatever their names, and is the same bytes every time", async () => {
  await write("out");
  for (const name of ["run.tar", "run.tar.gz"]) {
    await write(name);
    await write(`again-${name}`);
    expect(
      readFileSync(project.path(name)).equals(readFileSync(project.path(`again-${name}`))),
    ).toBe(true);
    const into = project.path(`from-${name}`);
    mkdirSync(into);
    execFileSync("tar", ["-xf", project.path(name), "-C", into]);
    expectSame(project.path("out"), join(into, record.run));
  }
});

test("a zip file holds the same files, and is the same bytes every time", async () => {
  await write("out");
  await write("run.zip");
  await write("again.zip");
  const bytes = readFileSync(project.path("run.zip"));
  expect(bytes.equals(readFileSync(project.path("again.zip")))).toBe(true);
  const files = unzipped(bytes);
  expect([...files.keys()].toSorted()).toEqual(
    ALL.map((path) => `${record.run}/${path}`).toSorted(),
  );
  for (const [path, content] of files)
    expect(content.equals(readFileSync(project.path(path.replace(record.run, "out"))))).toBe(true);
  // A reader that is not ours, where there is one.
  const python = spawnSync("python3", ["-m", "zipfile", "-t", project.path("run.zip")], {
    encoding: "utf8",
  });
  if (python.error === undefined)
    expect([python.status, python.stdout]).toEqual([0, "Done testing\n"]);
});

test("a stage alone comes with what it read of others; parts can be left out", async () => {
  await write("use", { stage: "use" });
  expect(filesBelow(project.path("use"))).toContain("inputs/use.rows/rows");
  await write("few", { without: ["inputs", "outputs", "notebooks", "code", "journal"] });
  expect(filesBelow(project.path("few")).toSorted()).toEqual(
    [
      "1-make/cell-3.stdout.txt",
      "1-make/stage.md",
      "PIPELINE.md",
      "README.md",
      "SHA256SUMS",
      "run.json",
    ].toSorted(),
  );
});

test("nothing is overwritten unless it is asked for, and nothing is left of an export that fails", async () => {
  await project.write("out/mine.txt", "mine");
  await project.write("out/SHA256SUMS", ""); // an earlier export
  const there = await errorOf(write("out"));
  expect([there.code, existsSync(project.path("out/mine.txt"))]).toEqual(["export/exists", true]);
  const { digest } = record.stages["make"]?.outputs["rows"] ?? { digest: digestOf("") };
  const object = new ObjectStore(archiveOf(project.root)).pathOf(digest);
  chmodSync(object, 0o644);
  writeFileSync(object, "sowr");
  for (const to of ["out", "run.tar.gz", "run.zip"]) {
    const damaged = await errorOf(write(to, { force: true }));
    expect([damaged.code, damaged.message]).toEqual([
      "store/damaged",
      `1-make/rows.json is damaged: the object ${digest} has other bytes.`,
    ]);
  }
  writeFileSync(object, "longer than it was");
  expect((await errorOf(write("run.zip"))).code).toBe("store/damaged");
  expect(
    readdirSync(project.root)
      .filter((name) => /^(out|run)/.test(name))
      .toSorted(),
  ).toEqual(["out", "runs"]);
  expect(existsSync(project.path("out/mine.txt"))).toBe(true);
  writeFileSync(object, "rows");
  await write("out", { force: true });
  expect([existsSync(project.path("out/mine.txt")), wrongSums(project.path("out"))]).toEqual([
    false,
    [],
  ]);
});

test("a folder that no export made is never replaced", async () => {
  await project.write("own/notes.md", "mine");
  for (const to of [".", "own"]) {
    const refused = await errorOf(write(to, { force: true }));
    expect([refused.code, refused.message]).toEqual([
      "export/exists",
      `${project.path(to)} is a folder that no export made; it stays.`,
    ]);
  }
  expect(await project.read("own/notes.md")).toBe("mine");
  await project.remove("own/notes.md");
  await write("own", { force: true });
  expect(wrongSums(project.path("own"))).toEqual([]);
});

test("a record that leads out of the run is refused", async () => {
  const make = record.stages["make"];
  if (make?.outputs["rows"] === undefined) throw new Error("the record has it");
  make.outputs["rows"].path = "../../outside.json";
  writeRun(project, record);
  expect((await errorOf(write("out"))).code).toBe("export/unsafe-path");
});

test("`steplab export` says what it wrote and how to check it", async () => {
  const { code, stdout } = await steplab(project, ["export", "--to", "it"]);
  expect([code, stdout]).toMatchObject([
    0,
    expect.stringMatching(
      /^it {2}13 files, [\d.]+ kB\nCheck {3}cd it && sha256sum -c SHA256SUMS\n$/,
    ),
  ]);
  const refused = await steplab(project, ["export", "--without", "output"]);
  expect([refused.code, refused.stderr]).toEqual([
    2,
    `error cli/usage\n  --without output: there is no such part.\n  Hint: did you mean "outputs"?\n`,
  ]);
  const other = await steplab(project, ["export", "--to", "it.rar"]);
  expect([other.code, other.stderr]).toEqual([
    2,
    "error cli/usage\n  --to it.rar: such an archive is not written.\n  Hint: Name a folder, or a file that ends with .tar.gz, .tar or .zip.\n",
  ]);
});

function expectSame(one: string, other: string): void {
  const files = filesBelow(one).toSorted();
  expect(filesBelow(other).toSorted()).toEqual(files);
  for (const file of files)
    expect(readFileSync(join(other, file)).equals(readFileSync(join(one, file)))).toBe(true);
}

/** By the central directory (APPNOTE 6.3.10, 4.3.12), each entry's checksum looked at. */
function unzipped(bytes: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const end = bytes.length - 22;
  expect(bytes.readUInt32LE(end)).toBe(0x0605_4b50);
  for (let at = bytes.readUInt32LE(end + 16); bytes.readUInt32LE(at) === 0x0201_4b50;) {
    const [packed, size] = [bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 24)];
    const [nameLength, extraLength, local] = [
      bytes.readUInt16LE(at + 28),
      bytes.readUInt16LE(at + 30),
      bytes.readUInt32LE(at + 42),
    ];
    const name = bytes.subarray(at + 46, at + 46 + nameLength).toString("utf8");
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = inflateRawSync(bytes.subarray(from, from + packed));
    expect([content.length, crc32(content)]).toEqual([size, bytes.readUInt32LE(at + 16)]);
    files.set(name, content);
    at += 46 + nameLength + extraLength;
  }
  return files;
}

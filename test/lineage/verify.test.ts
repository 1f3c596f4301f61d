/** `steplab verify` on an archive that somebody damaged: what is damaged, and what that affects. */
import { chmodSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunRecord } from "../../lineage/record.ts";
import { verifyArchive, type VerifyProblem } from "../../lineage/verify.ts";
import type { Project } from "../rig/project.ts";
import { folderOf, runProject, steplab } from "../rig/run.ts";
import { MAKE, stepProject } from "../rig/steps.ts";

let project: Project;
let record: RunRecord;
let cached: RunRecord;
beforeAll(async () => {
  project = await stepProject({
    make: MAKE,
    pack: {
      imports: `import { z, a, parameters, inputs, outputs } from "steplab";\nimport { writeFileSync } from "node:fs";`,
      inputs: { n: ["a.json(z.int())", "make.n"] },
      outputs: "const output = outputs({ tree: a.folder() });",
      body: `const tree = await output.tree.path();\nwriteFileSync(tree + "/a.txt", "a" + (await input.n.read()));\nwriteFileSync(tree + "/b.txt", "b");`,
    },
  });
  ({ record } = await runProject(project));
  cached = (await runProject(project)).record;
});
afterAll(() => project[Symbol.asyncDispose]());

const objectPath = (digest: string): string => {
  const hex = digest.slice("sha256:".length);
  return project.path(`runs/.store/objects/${hex.slice(0, 2)}/${hex.slice(2)}`);
};
const numberDigest = (): string => record.stages["make"]?.outputs["n"]?.digest ?? "";

/** Damages, verifies, mends: each test sees its own damage only. */
function problemsAfter(path: string, damage: () => void): VerifyProblem[] {
  const before = readFileSync(path);
  try {
    damage();
    return verifyArchive(project.root).problems;
  } finally {
    rmSync(path, { force: true });
    writeFileSync(path, before, { mode: path.includes(".store") ? 0o444 : 0o644 });
  }
}

test("a sound archive has no problems, and every object and record was looked at", async () => {
  const report = verifyArchive(project.root);
  expect(report.problems).toEqual([]);
  expect(report.runs).toBe(2);
  expect(report.objects).toBeGreaterThanOrEqual(6);
  const { code, stdout } = await steplab(project, ["verify"]);
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/^\d+ objects, [\d.]+ k?B, 2 runs: all is as it was written\n$/),
  ]);
});

test("a damaged object is named with every run and stage it affects, as output and as input", async () => {
  const path = objectPath(numberDigest());
  const [problem, ...others] = problemsAfter(path, () => {
    chmodSync(path, 0o644);
    writeFileSync(path, "4\n");
  });
  expect(problem).toMatchObject({ kind: "damaged-object", what: numberDigest() });
  expect(problem?.affects).toEqual(
    [record, cached].flatMap(({ run }) => [`${run}, make, output n`, `${run}, pack, input n`]),
  );
  // The cached run's folder links to the object; the first run has a copy of its own, which is sound.
  expect(others).toEqual([]);
});

test("a missing object is named with what it affects", () => {
  const path = objectPath(numberDigest());
  const problems = problemsAfter(path, () => unlinkSync(path));
  expect(problems).toMatchObject([{ kind: "missing-object", what: numberDigest() }]);
  expect(problems[0]?.affects).toHaveLength(4);
});

test("a file of a folder artifact is an object too, and damage to it affects whoever uses the folder", () => {
  const [file] = JSON.parse(
    readFileSync(objectPath(record.stages["pack"]?.outputs["tree"]?.digest ?? ""), "utf8"),
  ).files as { path: string; digest: string }[];
  const path = objectPath(file?.digest ?? "");
  const problems = problemsAfter(path, () => unlinkSync(path));
  expect(problems).toMatchObject([
    {
      kind: "missing-object",
      what: file?.digest,
      affects: [`${record.run}, pack, output tree`, `${cached.run}, pack, output tree`],
    },
  ]);
});

test.each(["1-make/make.ipynb", "1-make/n.json", "2-pack/tree/b.txt"])(
  "an edited copy in a run's folder, %s, is said, and one that is gone too",
  (file) => {
    const path = join(folderOf(project, record), file);
    const what = `${record.run}/${file}`;
    expect(problemsAfter(path, () => writeFileSync(path, "edited"))).toMatchObject([
      { kind: "changed-file", what },
    ]);
    expect(problemsAfter(path, () => unlinkSync(path))).toMatchObject([
      { kind: "missing-file", what },
    ]);
  },
);

test("a torn record is named, and the rest of the archive is still looked at", async () => {
  const path = join(folderOf(project, record), "run.json");
  const whole = readFileSync(path);
  const problems = problemsAfter(path, () => writeFileSync(path, whole.subarray(0, 900)));
  expect(problems).toMatchObject([
    { kind: "unreadable-record", what: `${record.run}/run.json`, affects: [record.run] },
  ]);
  const half = problemsAfter(path, () => writeFileSync(path, `{ "steplab": 1, "run": "x" }`));
  expect(half).toMatchObject([{ kind: "unreadable-record", what: `${record.run}/run.json` }]);
});

test("the command prints each problem and exits with 1", async () => {
  const path = objectPath(numberDigest());
  const before = readFileSync(path);
  chmodSync(path, 0o644);
  writeFileSync(path, "4\n");
  const { code, stdout } = await steplab(project, ["verify"]);
  chmodSync(path, 0o644);
  writeFileSync(path, before, { mode: 0o444 });
  expect(code).toBe(1);
  expect(stdout).toContain(
    `damaged-object  ${numberDigest()}\n  An object is damaged: its bytes have the digest sha256:`,
  );
  expect(stdout).toContain(`  affects ${record.run}, make, output n\n`);
  expect(stdout).toMatch(/: 1 problem\n$/);
});

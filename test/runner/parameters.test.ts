/** Where a parameter's value comes from, and who wins. With the real command: what a person types is part of it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Project } from "../rig/project.ts";
import { lastRecord, steplab } from "../rig/run.ts";
import { stepProject } from "../rig/steps.ts";

let project: Project;
beforeAll(async () => {
  project = await stepProject(
    {
      train: {
        parameters: `const params = parameters({
  rate: z.number().positive().max(1).default(0.1).describe("learning rate"),
  decay: z.number().default(0), noise: z.number().default(0), dropout: z.number().default(0),
  gbdt: z.object({ trees: z.int().min(1).default(100), depth: z.int().default(6) }).prefault({}),
  kind: z.enum(["trees", "network"]).default("trees"),
  since: z.date().default(new Date("2020-01-01")),
  tags: z.array(z.string()).default([]),
});`,
        outputs: "const output = outputs({ seen: a.json(z.unknown()) });",
        body: "await output.seen.write(JSON.parse(JSON.stringify(params)));",
        yaml: {
          params: {
            rate: "$rate",
            decay: "$decay",
            noise: "$noise",
            dropout: 0.2,
            gbdt: { depth: 3 },
          },
        },
      },
    },
    { params: { rate: 0.2, decay: 0.2, noise: 0.2 }, profiles: { ci: { decay: 0.3, noise: 0.3 } } },
    {
      "params.yaml": "train:\n  dropout: 0.4\n  kind: network\n  gbdt: { trees: 7 }\n",
      "wrong.yaml": "train:\n  rate: [1\n",
    },
  );
});
afterAll(() => project[Symbol.asyncDispose]());

/** Runs and returns the parameters of the record. */
async function paramsOf(words: string): Promise<Record<string, unknown>> {
  const { code, stderr } = await steplab(project, ["run", ...words.split(" ").filter(Boolean)]);
  expect([code, stderr.includes("error")]).toEqual([0, false]);
  return lastRecord(project).stages["train"]?.params ?? {};
}

test("front matter reaches a stage where it says $name; what nobody sets has its default, nested ones too", async () => {
  expect(await paramsOf("")).toEqual({
    rate: 0.2,
    decay: 0.2,
    noise: 0.2,
    dropout: 0.2,
    gbdt: { trees: 100, depth: 3 },
    kind: "trees",
    since: "2020-01-01T00:00:00.000Z",
    tags: [],
  });
});

test("later words win: a profile over front matter, -p name over both, --params over the stage's own, -p stage.name over all", async () => {
  const params = await paramsOf(
    "--profile ci -p noise=0.4 --params params.yaml -p train.kind=trees -p train.gbdt.depth=4 -p train.since=2024-02-29 -p train.tags=[a,b] -p train.tags=[c]",
  );
  expect(params).toEqual({
    rate: 0.2,
    decay: 0.3,
    noise: 0.4,
    dropout: 0.4,
    gbdt: { trees: 7, depth: 4 },
    kind: "trees",
    since: "2024-02-29T00:00:00.000Z",
    tags: ["c"],
  });
  expect(lastRecord(project).profile).toBe("ci");
});

test("every wrong value is said at once, before anything runs", async () => {
  const words =
    "-p train.rat=1 -p train.rate=2 -p train.gbdt.tres=5 -p train.gbdt.trees=1.5 -p train.kind=forest";
  const { code, stdout, stderr } = await steplab(project, ["run", ...words.split(" ")]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toBe(`error parameter/invalid
  train.rate: 2 is too large; it must be a number above 0 and at most 1.
  train.gbdt.trees: 1.5 is not a whole number of at least 1.
  train.gbdt.tres: There is no parameter of this name: did you mean "trees"?
  train.kind: "forest" is not one of "trees", "network".
  train.rat: There is no parameter of this name: did you mean "rate"?
  Hint: Parameters are declared in each stage's \`parameters\` cell.
`);
});

test.each([
  ["-p trian.rate=1", "parameter/unknown-stage", '"trian"', 'did you mean "train"?'],
  ["-p rat=1", "document/unknown-parameter", '"rat"', 'did you mean "rate"?'],
  ["--profile c1", "document/unknown-profile", '"c1"', '"ci"'],
  ["-p train.rate", "cli/usage", "-p train.rate is not name=value.", "-p process.minPrice=20"],
  ["--params nowhere.yaml", "cli/usage", "nowhere.yaml", "cannot be read"],
  ["--params wrong.yaml", "cli/usage", "wrong.yaml", "line"],
  ["--seed x", "cli/usage", "--seed x", "whole number"],
  ["--jobs 0", "cli/usage", "--jobs 0", "at least 1"],
])("steplab run %s: %s, and nothing is run", async (words, code, ...parts) => {
  const { code: exit, stdout, stderr } = await steplab(project, ["run", ...words.split(" ")]);
  expect([exit, stdout]).toEqual([2, ""]);
  for (const part of [code, ...parts]) expect(stderr).toContain(part);
  expect(stderr).not.toContain("    at ");
});

/** `--json` of every command, against the schemas that are published. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownLabExtension } from "../../core/own-sources.ts";
import { COMMANDS } from "../../cli/main.ts";
import { makeProject, type Project } from "../rig/project.ts";
import { steplab, type Command } from "../rig/run.ts";
import { publishedSchemas, publishedText, SCHEMAS_FOLDER } from "../rig/schemas.ts";
import { faultsOf } from "../rig/schema-faults.ts";
import { DOUBLE, editStep, MAKE, stepProject, type Step } from "../rig/steps.ts";

const TELL: Step = {
  imports: `import { z, a, parameters, inputs, outputs, assumption, check, decision, finding, progress, table } from "steplab";`,
  inputs: { n: ["a.json(z.int())", "double.n"], word: ["a.file()", "data/word.txt"] },
  parameters: "const params = parameters({ least: z.int().default(100) });",
  outputs: `const output = outputs({ size: a.metric({ goal: "max" }), loss: a.metric({ goal: "min", unit: "USD" }) });`,
  body: [
    `const n = await input.n.read();\noutput.size.write(n);\noutput.loss.log(1, 0.5);\noutput.loss.log(2, 0.25);`,
    `const few = finding("They are few.", { tags: ["size"] });\nawait assumption("They are even.", { holds: () => n % 2 === 0 });\ndecision("Keep them.", { because: [few], sets: { "tell.least": 1 }, instead: ["Drop them."] });\nprocess.stderr.write("said\\n");`,
    `using bar = progress(2, "rows");\nbar.step();`,
  ],
  checks: `await check.rows("enough", table([{ id: 7, n }]), (row) => row.n >= params.least);\ncheck("even", n % 2 === 0, { severity: "warn" });`,
};

const schemas = await publishedSchemas();

let project: Project;
let ran: Command;
beforeAll(async () => {
  project = await stepProject(
    { make: MAKE, double: DOUBLE, tell: TELL },
    { pipeline: "things" },
    { "data/word.txt": "word\n" },
  );
  ran = await steplab(project, ["run", "--json"]);
});
afterAll(() => project[Symbol.asyncDispose]());
const type = async (words: string): Promise<Command> => await steplab(project, words.split(" "));

test.each(Object.keys(schemas))(
  "docs/schemas/%s.schema.json is up to date (`node test/rig/write-schemas.ts` writes it)",
  (name) => {
    const schema = schemas[name];
    const published = readFileSync(join(SCHEMAS_FOLDER, `${name}.schema.json`), "utf8");
    expect(schema && publishedText(schema)).toBe(published);
  },
);

describe("what is printed has the form that is published", () => {
  test("of steplab run: every line an event", () => {
    expect(ran.code).toBe(1); // "enough" does not hold
    const events = ran.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string });
    expect(events.flatMap((event) => faultsOf("event", event))).toEqual([]);
    const types = new Set(events.map((event) => event.type));
    for (const part of ["source-fetched", "stage-planned", "cell-ended", "stage-told", "run-ended"])
      expect(types).toContain(part);
  });

  test.each([
    ["status --json", "status"],
    ["lint --json", "lint"],
    ["runs --json", "runs"],
    ["show last --json", "run"],
    ["show last tell --json", "stage"],
    ["diff last last tell --json", "diff"],
    ["lineage double.n --json", "lineage"],
    ["export --to exported --json", "export"],
    ["gc --json", "gc"],
    ["diff last last --json", "diff"],
    ["lineage double.n --json", "lineage"],
    ["gc --json", "gc"],
    ["export last --to copy.zip --json", "export"],
    ["init fresh --bare --json", "init"],
    ["verify --json", "verify"],
    ["kernel install --prefix env --json", "kernel-install"],
    ["--version --json", "version"],
    ["init other --json", "init"],
    ["new --json", "new"],
    ["new look --template explore --json", "new"],
    ["open last make --no-lab --json", "open"],
  ])("of steplab %s", async (words, schema) => {
    const { code, stdout, stderr } = await type(words);
    expect([code, stderr]).toEqual([0, ""]);
    expect(faultsOf(schema, JSON.parse(stdout))).toEqual([]);
  });

  test("of lint, when there are findings", async () => {
    await editStep(project, "double", { ...DOUBLE, body: "await output.n.wirte(1);" });
    const { code, stdout } = await type("lint --json");
    const status = await type("status --json");
    const run = await type("run --json");
    await editStep(project, "double", DOUBLE);
    expect(code).toBe(2);
    expect(faultsOf("lint", JSON.parse(stdout))).toEqual([]);
    expect([status.code, run.code]).toEqual([2, 2]);
    const told = JSON.parse(run.stdout) as { error: { diagnostics: object[] } };
    expect(faultsOf("error", told)).toEqual([]);
    expect(told.error.diagnostics).toContainEqual(
      expect.objectContaining({ code: "types/error", severity: "error" }),
    );
    expect(faultsOf("status", JSON.parse(status.stdout))).toEqual([]);
  });
});

test("what steplab new writes down has it too", async () => {
  await using fresh = await makeProject({});
  expect((await steplab(fresh, ["init", "--bare"])).code).toBe(0);
  const words = "new report --template process --json".split(" ");
  const { code, stdout } = await steplab(fresh, words);
  expect([code, faultsOf("new", JSON.parse(stdout))]).toEqual([0, []]);
});

test("what steplab lab install says has it too: where it put the extension, or that there is none", async () => {
  await using fresh = await makeProject({});
  const { code, stdout } = await steplab(fresh, "lab install --prefix env --json".split(" "));
  const [form, exitCode] = ownLabExtension() === null ? ["error", 1] : ["lab-install", 0];
  expect([code, faultsOf(form, JSON.parse(stdout))]).toEqual([exitCode, []]);
});

describe("an error", () => {
  test.each([
    ["show last nothing --json", "run/unknown-stage", 2],
    ["show --jsn --json", "cli/usage", 2],
    ["rnu --json", "cli/usage", 2],
    ["run --json -i make.nothing=x", "run/unknown-input", 2],
  ])(
    "of steplab %s is JSON on standard output, and words on standard error",
    async (words, code, exitCode) => {
      const told = await type(words);
      expect(told.code).toBe(exitCode);
      const document = JSON.parse(told.stdout) as object;
      expect(faultsOf("error", document)).toEqual([]);
      expect(document).toMatchObject({ error: { code, exitCode } });
      expect(told.stderr).toMatch(new RegExp(`^error ${code}$`, "m"));
    },
  );

  test("outside a project is JSON too", async () => {
    await using nowhere = await makeProject({});
    const { code, stdout } = await steplab(nowhere, ["verify", "--json"]);
    expect(code).toBe(2);
    expect(faultsOf("error", JSON.parse(stdout))).toEqual([]);
  });
});

test("every command that has --json is tested here, or beside its other tests", async () => {
  const text = [import.meta.filename, join(import.meta.dirname, "watch.test.ts")]
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
  for (const [name, load] of Object.entries(COMMANDS)) {
    const { options } = (await load()).command;
    if ("json" in options) expect(text).toMatch(new RegExp(`"${name}[^\\]]* "?--json`));
  }
});

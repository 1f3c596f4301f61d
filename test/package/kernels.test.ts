/**
 * Stages on the real tslab and the real Deno kernel, in a project as its users have it: installed from the packed file and
 * the registry. What these kernels lose is noticed; what they cannot do ends the stage with a word about it.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import type { RunRecord, StageRecord } from "../../lineage/record.ts";
import { writeNotebook, type Notebook, type Output } from "../../core/notebook/index.ts";
import { readNotebook } from "../../core/notebook/index.ts";
import { DOUBLE, MAKE, notebookOf, stepFiles, type Step, type Steps } from "../rig/steps.ts";
import { install, must, type, type Done } from "./rig.ts";

const packed = inject("packed");
const folder = join(packed.folder, "kernels");

/** What `npm install` gets: the versions that are known to work (docs/kernels.md). */
const KERNELS = ["tslab@1.0.22", "deno@2.9.6"];

beforeAll(() => {
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }\n`);
  must(install(`../${packed.filename}`, ...KERNELS), { cwd: folder });
});

const setTo = (kernel: string, notebook: Notebook): Notebook => ({
  ...notebook,
  metadata: {
    ...notebook.metadata,
    kernelspec: { name: kernel, display_name: kernel, language: "typescript" },
  },
});

/** Writes the pipeline; every stage on the kernel that is named for it. */
function project(steps: Steps, kernels: Record<string, string>): void {
  for (const [path, content] of Object.entries(stepFiles(steps))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(
      join(folder, path),
      typeof content === "string" ? content : writeNotebook(content),
    );
  }
  for (const [name, kernel] of Object.entries(kernels)) edit(name, kernel, steps[name] ?? MAKE);
}

function edit(name: string, kernel: string, step: Step): void {
  const text = writeNotebook(setTo(kernel, notebookOf(step)));
  writeFileSync(join(folder, "notebooks", `${name}.ipynb`), text);
}

const run = (env: Record<string, string> = {}): Done =>
  type(["npx", "steplab", "run"], { cwd: folder, env });

/** Says why it did not. */
function succeeded(env: Record<string, string> = {}): void {
  const { code, stdout, stderr } = run(env);
  expect(code, stdout + stderr).toBe(0);
}

/** Runs, and fails in a stage: nothing that lint has seen. */
function failed(): void {
  const { code, stdout, stderr } = run();
  expect(code, stdout + stderr).toBe(1);
}

function lastRun(): { record: RunRecord; folder: string } {
  const runs = readdirSync(join(folder, "runs")).filter((name) => /^\d{4}-/.test(name));
  const last = join(folder, "runs", runs.sort().at(-1) ?? "");
  return {
    record: JSON.parse(readFileSync(join(last, "run.json"), "utf8")) as RunRecord,
    folder: last,
  };
}

/** A stage of the last run, and all outputs of its executed notebook. */
function stage(name: string): { record: StageRecord; outputs: Output[]; text: string } {
  const { record, folder: at } = lastRun();
  const made = record.stages[name]!;
  const path = made.notebook.path ?? "";
  const { notebook } = readNotebook(readFileSync(join(at, path), "utf8"), path);
  const outputs = notebook!.cells.flatMap((cell) => cell.outputs);
  const text = outputs.map((output) => ("text" in output ? output.text : "")).join("");
  return { record: made, outputs, text };
}

/** Everything that a stage tells, in both kernels alike. */
const TELLS: Step = {
  imports: `import { z, a, parameters, inputs, outputs, check, finding } from "steplab";`,
  parameters: "const params = parameters({ n: z.int().default(3) });",
  outputs: `const output = outputs({ n: a.json(z.int()), rows: a.table(z.object({ id: z.int(), name: z.string() })), score: a.metric({ goal: "max" }) });`,
  body: [
    `let sum = 0; const add = (each: number) => { sum += each; };
for (let n = 0; n < 3000; n++) { add(n); console.log("line", n); }
console.error("to the other stream");`,
    `const drawn = Math.random();
await output.rows.write([{ id: 1, name: "one" }, { id: 2, name: "two" }]);
output.score.write(0.5);
finding("numbers add up", { tags: ["sum"] });`,
    `await output.n.write(params.n + sum - sum);`,
  ],
  checks: `check("there are rows", true);`,
};

const WRITE = "await output.n.write(params.n);";

describe.each(["tslab", "deno"])("a stage on the kernel %s", (kernel) => {
  test("takes parameters and inputs, writes, checks and notes; all that it printed is archived; then it is cached", () => {
    project({ make: TELLS, double: DOUBLE }, { make: kernel, double: kernel });
    const { code, stdout, stderr } = run();
    expect(stderr + stdout).toContain("succeeded");
    expect(code).toBe(0);
    const { record, text } = stage("make");
    expect(record).toMatchObject({
      status: "succeeded",
      kernel: { name: kernel, version: expect.stringMatching(/^\d+\.\d+\.\d+$/) },
      outputs: { n: { kind: "json" }, rows: { kind: "table", summary: { rows: 2 } } },
      metrics: { score: { value: 0.5 } },
      checks: [{ name: "there are rows", status: "passed" }],
      notes: [{ text: "numbers add up" }],
    });
    const lines = text.split("\n").filter((line) => line.startsWith("line "));
    expect(lines).toEqual(Array.from({ length: 3000 }, (_, n) => `line ${n}`));
    expect(text).toContain("to the other stream");
    expect(lastRun().record.stages["double"]).toMatchObject({ status: "succeeded" });
    expect(JSON.stringify(lastRun().record)).not.toContain(folder);
    expect(run().code).toBe(0);
    const again = Object.values(lastRun().record.stages).map(({ status }) => status);
    expect(again).toEqual(["cached", "cached"]);
  });

  test("gives what steplab's own kernel gives, and is another result to it", () => {
    const of = (name: string): { score: unknown; digest: unknown; key: unknown } => {
      const { outputs, metrics, key } = lastRun().record.stages[name]!;
      return { score: metrics["score"]?.value, digest: outputs["rows"]?.digest, key };
    };
    const seeded: Step = {
      ...TELLS,
      body: `await output.rows.write([{ id: Math.floor(Math.random() * 1e6), name: new Date(0).toString() }]);
output.score.write(Math.random()); await output.n.write(params.n);`,
    };
    project({ make: seeded }, { make: kernel });
    succeeded();
    const there = of("make");
    project({ make: seeded }, { make: "steplab" });
    succeeded();
    const { score, digest, key } = of("make");
    expect({ score, digest }).toEqual({ score: there.score, digest: there.digest });
    expect(key).not.toBe(there.key);
    expect(lastRun().record.stages["make"]?.kernel).toBeUndefined();
  });

  test.each<[what: string, body: string, status: string, error: object]>([
    [
      "an error",
      `const f = () => { throw new RangeError("too much"); };\nf();\n${WRITE}`,
      "failed",
      {
        name: "RangeError",
        message: "too much",
      },
    ],
    [
      "a failed check",
      `check("holds", false);\n${WRITE}`,
      "checks-failed",
      { name: "ChecksFailed" },
    ],
    [
      "an unwritten output",
      `if (params.n > 100) ${WRITE}`,
      "failed",
      {
        message: expect.stringContaining('without writing its output "n"'),
      },
    ],
    [
      "a forgotten rejection",
      `void Promise.reject(new Error("nobody waits"));\nawait output.n.write(1);`,
      "failed",
      {
        message: expect.stringContaining("nobody waits"),
      },
    ],
    ["an exit", `process.exit(3);\n${WRITE}`, "failed", { name: "KernelExited" }],
  ])("ends %s as it is", (_what, body, status, error) => {
    project({ make: { ...MAKE, body } }, { make: kernel });
    failed();
    expect(lastRun().record.stages["make"]).toMatchObject({ status, error });
  });

  test("is ended by its timeout, whatever it is at", () => {
    const body = `await new Promise((resolve) => setTimeout(resolve, 10));\nwhile (params.n > 0) {}\n${WRITE}`;
    project({ make: { ...MAKE, body, yaml: { timeout: "3s" } } }, { make: kernel });
    failed();
    expect(lastRun().record.stages["make"]).toMatchObject({ status: "timed-out" });
  });

  test("lets no secret into the archive", () => {
    const body = `const key = secret("STEPLAB_TEST_KEY");
console.log("the key is", key); await output.n.write(1);`;
    const imports = `import { z, a, parameters, inputs, outputs, check, secret } from "steplab";`;
    project({ make: { ...MAKE, imports, body } }, { make: kernel });
    expect(run({ STEPLAB_TEST_KEY: "wxyz-1234-sesame" }).code).toBe(0);
    expect(stage("make").text).toContain("[secret STEPLAB_TEST_KEY]");
    expect(JSON.stringify(stage("make"))).not.toContain("sesame");
  });
});

test("a module beside the notebook is imported by Deno; tslab's compiler takes no such name", () => {
  const imports = `import { z, a, parameters, inputs, outputs, check } from "steplab";
import { twice } from "./twice.ts";`;
  const step = { ...MAKE, imports, body: "await output.n.write(twice(params.n));" };
  const module = join(folder, "notebooks", "twice.ts");
  project({ make: step }, { make: "deno" });
  writeFileSync(module, "export const twice = (n: number): number => n * 2;\n");
  succeeded();
  expect(readFileSync(join(lastRun().folder, "1-make", "n.json"), "utf8").trim()).toBe("6");
  project({ make: step }, { make: "tslab" });
  failed();
  expect(lastRun().record.stages["make"]?.error).toMatchObject({
    name: "TypeScriptError",
    message: expect.stringContaining(".ts"),
  });
});

test("a kernel that loses its `idle` is waited for no longer than a moment, and the record says so", () => {
  // tslab itself loses one now and then: here every third.
  writeFileSync(
    join(folder, "drop.mjs"),
    `import { createRequire } from "node:module";
if (/tslab/.test(process.argv[1] ?? "")) {
  const { Publisher } = createRequire(process.argv[1])("zeromq");
  const { send } = Publisher.prototype;
  let idles = 0;
  const value = function (frames) {
    const isIdle = frames.some((frame) => String(frame).includes('"execution_state":"idle"'));
    return isIdle && ++idles % 3 === 0 ? Promise.resolve() : send.call(this, frames);
  };
  Object.defineProperty(Publisher.prototype, "send", { value });
}
`,
  );
  const body = Array.from({ length: 6 }, (_, n) => `console.log("cell", ${n});`);
  project({ make: { ...MAKE, body: [...body, WRITE] } }, { make: "tslab" });
  succeeded({ NODE_OPTIONS: `--import=${new URL(`file://${folder}/drop.mjs`).href}` });
  const { record, text } = stage("make");
  expect(text.match(/cell \d/g)).toHaveLength(6);
  expect(record.kernel?.lost?.length).toBeGreaterThan(0);
  expect(record.kernel?.lost?.[0]).toEqual({ cell: expect.any(Number), message: "idle" });
});

test("what tslab's compiler refuses is told with its place; what it shows by itself is archived", () => {
  // Of a library that is newer than its compiler: lint knows it, tslab does not.
  const sorts = `\nconst sorted = [2, 1].toSorted();\n${WRITE}`;
  project({ make: { ...MAKE, body: sorts } }, { make: "tslab" });
  failed();
  expect(lastRun().record.stages["make"]).toMatchObject({
    status: "failed",
    error: {
      name: "TypeScriptError",
      message: expect.stringContaining("'toSorted' does not exist"),
      cell: { id: "body-1", line: 2 },
    },
  });
  const shows = `import * as tslab from "tslab";`;
  const body = ["tslab.display.html('<b>bold</b>');", "await output.n.write(1);", "[1, 2]"];
  project(
    {
      make: {
        ...MAKE,
        imports: `${MAKE.imports ?? `import { z, a, parameters, inputs, outputs, check } from "steplab";`}\n${shows}`,
        body,
      },
    },
    { make: "tslab" },
  );
  expect(run().code).toBe(0);
  const { outputs } = stage("make");
  expect(outputs).toContainEqual(
    expect.objectContaining({ output_type: "display_data", data: { "text/html": "<b>bold</b>" } }),
  );
  expect(stage("make").text).toContain("[ 1, 2 ]");
});

test("a kernel that is not there is named, with the way to it", () => {
  project({ make: MAKE }, { make: "deno" });
  writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }\n`);
  must(install(`../${packed.filename}`, "tslab@1.0.22"), { cwd: folder });
  const { code, stderr, stdout } = run({ JUPYTER_PATH: folder });
  expect(code).toBe(1);
  expect(stdout + stderr).toContain("npm install --save-dev deno");
});

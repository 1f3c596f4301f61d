/** Secrets never reach a file: one run of stages that each let theirs out in another way, and every byte it left. */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Output } from "../../core/notebook/index.ts";
import type { Project } from "../rig/project.ts";
import { executedNotebook, folderOf, runProject, type Ran } from "../rig/run.ts";
import { stepProject, type Step } from "../rig/steps.ts";

const NAME = "STEPLAB_TEST_PASSWORD";
const VALUE = `hunter2"<&>/horse-battery`;
const MASK = `[secret ${NAME}]`;
const IMPORTS = `import { writeFileSync, writeSync } from "node:fs";\nimport { z, a, parameters, inputs, outputs, check, finding, table, secret, display } from "steplab";`;
const READ = `const password = secret("${NAME}");`;
const leaks = (body: string[], step: Partial<Step> = {}): Step => ({
  imports: IMPORTS,
  body: [READ, ...body],
  ...step,
});

const STEPS = {
  prints: leaks([
    `console.log("it is " + password + ".");\nconsole.error({ password });\npassword;`,
    `process.stdout.write(password.slice(0, 9));\nawait new Promise((done) => setTimeout(done, 5));\nprocess.stdout.write(password.slice(9) + " in two\\n");`,
    `process.stdout.write("hunter2 alone");`,
    `display(table([{ id: 1, password }]));\nfinding("the password is " + password);`,
    `writeSync(2, "native: " + password + "\\n");\nawait new Promise((done) => setTimeout(done, 50));`,
  ]),
  throws: leaks([`throw new Error("cannot connect with " + password);`]),
  json: leaks(["await output.report.write({ used: password });"], {
    outputs: "const output = outputs({ report: a.json(z.object({ used: z.string() })) });",
  }),
  rows: leaks(["await output.rows.write(table([{ id: 1, text: `at ${password}` }]));"], {
    outputs:
      "const output = outputs({ rows: a.table(z.object({ id: z.int(), text: z.string() })) });",
  }),
  folder: leaks(
    ["const folder = await output.files.path();\nwriteFileSync(`${folder}/config.ini`, password);"],
    { outputs: "const output = outputs({ files: a.folder() });" },
  ),
  checks: leaks([
    `const rows = table([{ id: 1, text: password }]);\nawait check.rows("no text", rows, (row) => row.text === "");`,
  ]),
} satisfies Record<string, Step>;

let project: Project;
let ran: Ran;

beforeAll(async () => {
  process.env[NAME] = VALUE;
  project = await stepProject(STEPS);
  ran = await runProject(project);
});
afterAll(async () => {
  delete process.env[NAME];
  await project[Symbol.asyncDispose]();
});

describe("a secret that a notebook has read", () => {
  test("is in no file of the archive, in no form", () => {
    // Part of every form that printing gives it, and of nothing else.
    const forms = ["horse", Buffer.from(VALUE).toString("base64")];
    const files = readdirSync(project.path("runs"), { recursive: true, encoding: "utf8" })
      .map((path) => join(project.path("runs"), path))
      .filter((path) => statSync(path).isFile());
    expect(files.length).toBeGreaterThan(20);
    const holding = files.filter((path) =>
      forms.some((form) => readFileSync(path).includes(Buffer.from(form))),
    );
    expect(holding).toEqual([]);
  });

  test("shows its name where its value was printed, also in two parts, and nothing else is lost", () => {
    const notebook = executedNotebook(project, ran.record, "prints");
    const text = notebook.cells.map((cell) => printed(cell.outputs)).join("");
    expect(text).toBe(`it is ${MASK}.\n${MASK} in two\nhunter2 alone`);
    expect(JSON.stringify(notebook)).toContain(`"text/plain":"'${MASK}'"`);
    expect(ran.record.stages["prints"]?.notes[0]?.text).toBe(`the password is ${MASK}`);
    expect(readFileSync(join(folderOf(project, ran.record), "events.jsonl"), "utf8")).toContain(
      `native: ${MASK}`,
    );
    expect(ran.statuses["prints"]).toBe("succeeded");
  });

  test("shows its name in the error of its stage", () => {
    expect(ran.record.stages["throws"]?.error?.message).toBe(`cannot connect with ${MASK}`);
  });

  test.each(["json", "rows", "folder"])(
    "fails the write of an output that holds it: %s",
    (stage) => {
      const record = ran.record.stages[stage];
      expect(record?.status).toBe("failed");
      expect(record?.outputs).toEqual({});
      expect(record?.error?.message).toContain(`contains the secret ${NAME}; it was not kept.`);
    },
  );

  test("is not kept with the rows of a check either", () => {
    const [check] = ran.record.stages["checks"]?.checks ?? [];
    expect(ran.statuses["checks"]).toBe("checks-failed");
    expect(check?.rows?.first).toEqual([{ row: 1, values: { id: 1, text: MASK } }]);
    expect(check?.rows?.artifact).toBeUndefined();
  });
});

function printed(outputs: readonly Output[]): string {
  return outputs
    .map((output) =>
      output.output_type === "stream" && output.name === "stdout" ? output.text : "",
    )
    .join("");
}

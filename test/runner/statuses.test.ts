/** Statuses are true: one run of stages that each end in their own way, and what the record, the notebook and the summary say of them. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CellRecord, StageRecord } from "../../lineage/record.ts";
import { schemaFaults } from "../notebook/schema.ts";
import type { Project } from "../rig/project.ts";
import { stepProject, type Step, type Steps } from "../rig/steps.ts";
import {
  executedNotebook,
  folderOf,
  isRunning,
  runProject,
  streamText,
  type Ran,
} from "../rig/run.ts";

const WRITES = "const output = outputs({ n: a.json(z.int()) });";
/** Reads the output of a stage that ends badly. */
const after = (stage: string): Step => ({
  inputs: { n: ["a.json(z.int())", `${stage}.n`] },
  body: "await input.n.read();",
});

const STEPS: Steps = {
  throws: {
    outputs: WRITES,
    body: [
      `console.log("before");`,
      `const rows = [1, 2];\n\nfunction look(): never {\n  throw new RangeError("row 2 is wrong");\n}\nlook();`,
      "await output.n.write(1);",
    ],
  },
  afterThrows: after("throws"),
  checks: {
    imports: `import { z, a, parameters, inputs, outputs, check, table } from "steplab";`,
    outputs: WRITES,
    body: "await output.n.write(1);\nconst rows = table([{ id: 1, price: 5 }, { id: 2, price: -1 }, { id: 3, price: -2 }]);",
    checks: [
      `check("enough rows", rows.numRows() > 2);\nawait check.rows("prices are positive", rows, (row) => row.price > 0, { show: ["price"] });\ncheck("odd", false, { severity: "warn", value: 3 });`,
      `check("never reached", true);`,
    ],
  },
  afterChecks: after("checks"),
  unawaited: {
    outputs: WRITES,
    body: [
      `const bad: { value: number } = { value: 1.5 };\nvoid output.n.write(bad.value);`,
      `console.log("later");`,
    ],
  },
  rejection: {
    body: `void Promise.reject(new Error("nobody waited for this"));`,
  },
  forgotten: { outputs: WRITES, body: `if (process.argv.length > 99) await output.n.write(1);` },
  loops: {
    body: [`console.log("in the loop");`, "for (;;) {}", "1"],
    yaml: { timeout: "4s" },
  },
  waits: { body: "await new Promise(() => {});", yaml: { timeout: "4s" } },
  refuses: {
    // A stopped process answers nobody.
    body: `process.kill(process.pid, "SIGSTOP");\nawait new Promise(() => {});`,
    yaml: { timeout: "4s" },
  },
  exits: { body: ["process.exit(3);", "1"] },
  killed: { body: `process.kill(process.pid, "SIGKILL");\nawait new Promise(() => {});` },
  floods: {
    body: `const line = "x".repeat(1023) + "\\n";\nfor (let i = 0; i < 8 * 1024; i++) console.log(line.slice(0, -1));\nconsole.log("the end");`,
  },
  spawns: {
    imports: `import { parameters, inputs, outputs } from "steplab";\nimport { spawn } from "node:child_process";`,
    body: `const child = spawn("sleep", ["1000"], { stdio: "inherit" });\nconsole.log(child.pid);`,
  },
  fine: { body: "1 + 1" },
};

let project: Project;
let ran: Ran;
beforeAll(async () => {
  project = await stepProject(STEPS);
  ran = await runProject(project, { jobs: 4 });
});
afterAll(() => project[Symbol.asyncDispose]());

const stage = (name: string): StageRecord => {
  const record = ran.record.stages[name];
  if (record === undefined) throw new Error(`no stage ${name}`);
  return record;
};
const cellsOf = (name: string): string[] =>
  stage(name)
    .cells.filter(({ slot }) => slot === null || slot === "checks")
    .map(({ id, status }: CellRecord) => `${id} ${status}`);

test("every stage has the status that is true of it, and the run failed", () => {
  expect(ran.statuses).toEqual({
    throws: "failed",
    afterThrows: "not-run",
    checks: "checks-failed",
    afterChecks: "not-run",
    unawaited: "failed",
    rejection: "failed",
    forgotten: "failed",
    loops: "timed-out",
    waits: "timed-out",
    refuses: "timed-out",
    exits: "failed",
    killed: "killed",
    floods: "succeeded",
    spawns: "succeeded",
    fine: "succeeded",
  });
  expect(ran.record.status).toBe("failed");
});

describe("a cell that throws", () => {
  test("is named with its line and message; the cells before are ok, those after never ran", () => {
    expect(stage("throws").error).toMatchObject({
      name: "RangeError",
      message: "row 2 is wrong",
      cell: { number: 7, id: "body-2", line: 4 },
      notebook: "1-throws/throws.ipynb",
    });
    expect(cellsOf("throws")).toEqual(["body-1 ok", "body-2 error", "body-3 not-run"]);
    expect(stage("throws").outputs).toEqual({});
  });

  test("stands in the executed notebook with its error, and what never ran does not read as completed", () => {
    const { cells, metadata } = executedNotebook(project, ran.record, "throws");
    const by = (id: string) => cells.find((cell) => cell.id === id);
    expect(by("body-2")?.outputs).toMatchObject([{ output_type: "error", ename: "RangeError" }]);
    expect(by("body-3")?.outputs).toEqual([]);
    expect(by("body-3")?.executionCount).toBeNull();
    expect(["body-1", "body-2", "body-3"].map((id) => by(id)?.metadata["papermill"])).toMatchObject(
      [
        { status: "completed", exception: null },
        { status: "failed", exception: true },
        { status: "pending", exception: null },
      ],
    );
    expect(metadata["papermill"]).toMatchObject({ exception: true });
    expect(metadata.steplab).toMatchObject({ status: "failed" });
    const path = join(folderOf(project, ran.record), "1-throws/throws.ipynb");
    expect(schemaFaults(JSON.parse(readFileSync(path, "utf8")))).toEqual([]);
  });

  test("keeps the stages that need it from running, and says whom they need", () => {
    expect(ran.reasons["afterThrows"]).toBe("needs throws");
    expect(stage("afterThrows")).toMatchObject({
      cells: [],
      attempts: [],
      key: null,
      executedIn: null,
    });
    expect(stage("afterThrows").template).toBe("step");
  });
});

describe("a failed check", () => {
  test("is recorded beside those that passed, with the first offending rows and all of them as an artifact", () => {
    const [enough, positive, odd] = stage("checks").checks;
    expect(enough).toMatchObject({ name: "enough rows", status: "passed" });
    expect(positive).toMatchObject({
      name: "prices are positive",
      status: "failed",
      rows: {
        failed: 2,
        total: 3,
        first: [
          { row: 2, values: { price: -1 } },
          { row: 3, values: { price: -2 } },
        ],
      },
    });
    expect(odd).toMatchObject({ name: "odd", status: "warned", value: 3 });
    const hex = positive?.rows?.artifact?.slice("sha256:".length) ?? "";
    const object = project.path(`runs/.store/objects/${hex.slice(0, 2)}/${hex.slice(2)}`);
    expect(readFileSync(object).subarray(0, 4).toString()).toBe("PAR1");
  });

  test("fails its cell at the end, publishes nothing and stops what reads the stage", () => {
    expect(cellsOf("checks")).toEqual(["body-1 ok", "checks-1 error", "checks-2 not-run"]);
    expect(stage("checks").outputs).toEqual({});
    expect(ran.reasons["afterChecks"]).toBe("needs checks");
  });
});

describe("what nobody awaited", () => {
  test("a write that fails fails the cell that made it", () => {
    expect(stage("unawaited").error).toMatchObject({ cell: { id: "body-1" } });
    expect(stage("unawaited").error?.message).toContain("n");
    expect(cellsOf("unawaited")).toEqual(["body-1 error", "body-2 not-run"]);
  });

  test("a rejection that nobody handled fails the stage although every cell ended well", () => {
    expect(stage("rejection").error?.message).toContain("nobody waited for this");
  });

  test("an output that is declared and was not written fails the stage by name", () => {
    expect(stage("forgotten").error).toMatchObject({ cell: null });
    expect(stage("forgotten").error?.message).toContain('"n"');
    expect(cellsOf("forgotten")).toEqual(["body-1 ok"]);
  });
});

describe("a stage that takes longer than its timeout", () => {
  test.each(["loops", "waits"])("is interrupted where it %s, and keeps what ran", (name) => {
    expect(stage(name).error).toMatchObject({
      name: "StageTimeout",
      message: "The stage took longer than its timeout of 4 s.",
    });
    expect(stage(name).error?.process).toBeNull();
    expect(stage(name).cells.find(({ status }) => status === "timed-out")?.slot).toBeNull();
  });

  test("says of each cell what became of it", () => {
    expect(cellsOf("loops")).toEqual(["body-1 ok", "body-2 timed-out", "body-3 not-run"]);
    const cell = executedNotebook(project, ran.record, "loops").cells.find(
      ({ id }) => id === "body-1",
    );
    expect(streamText(cell?.outputs ?? [])).toBe("in the loop\n");
  });

  test("is killed when its kernel refuses to end, and says so", () => {
    expect(stage("refuses").error).toMatchObject({
      name: "StageTimeout",
      process: { signal: "SIGKILL" },
    });
    expect(cellsOf("refuses")).toEqual(["body-1 timed-out"]);
  });
});

describe("a kernel that ends", () => {
  test("by process.exit fails the stage with its exit code", () => {
    expect(stage("exits").error).toMatchObject({
      name: "KernelExited",
      message: "The notebook ended its kernel (exit code 3): code called process.exit().",
      cell: { id: "body-1" },
      process: { exitCode: 3, signal: null },
    });
    expect(cellsOf("exits")).toEqual(["body-1 error", "body-2 not-run"]);
  });

  test("by a signal is killed, with the signal's name", () => {
    expect(stage("killed").error).toMatchObject({
      name: "KernelKilled",
      process: { exitCode: null, signal: "SIGKILL" },
    });
  });
});

test("a flood of output is kept whole in a file, and the notebook stays small and says where", () => {
  const folder = join(folderOf(project, ran.record), `${stage("floods").index}-floods`);
  const text = readFileSync(join(folder, "cell-body-1.stdout.txt"), "utf8");
  expect(text.length).toBe(8 * 1024 * 1024 + "the end\n".length);
  expect(text.endsWith("x\nthe end\n")).toBe(true);
  expect(statSync(join(folder, "floods.ipynb")).size).toBeLessThan(1 << 20);
  const cell = executedNotebook(project, ran.record, "floods").cells.find(
    ({ id }) => id === "body-1",
  );
  const shown = streamText(cell?.outputs ?? []);
  expect(shown).toContain("the whole text is in cell-body-1.stdout.txt");
  expect(shown.endsWith("the end\n")).toBe(true);
});

test("no kernel, and nothing that a notebook has spawned, outlives the run", () => {
  const pids = ran.events.flatMap((event) =>
    event.type === "stage-started" && event.kernelPid !== null ? [event.kernelPid] : [],
  );
  expect(pids.length).toBe(13);
  const cell = executedNotebook(project, ran.record, "spawns").cells.find(
    ({ id }) => id === "body-1",
  );
  const spawned = Number(streamText(cell?.outputs ?? []));
  expect(spawned).toBeGreaterThan(1);
  expect([...pids, spawned].filter(isRunning)).toEqual([]);
});

test("a cell that never ran never reads as ok anywhere", () => {
  for (const [name, { cells, status }] of Object.entries(ran.record.stages)) {
    const ended = new Set(
      ran.events.flatMap((event) =>
        event.type === "cell-ended" && event.stage === name ? [event.cell.id] : [],
      ),
    );
    for (const cell of cells)
      expect([name, cell.id, ended.has(cell.id)]).toEqual([
        name,
        cell.id,
        cell.status !== "not-run",
      ]);
    if (status === "succeeded") expect(cells.every((cell) => cell.status === "ok")).toBe(true);
  }
});

/** Runs that end from outside: Ctrl-C, a killed runner, too little memory. With the real command, in processes of their own. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readJournal } from "../../lineage/journal.ts";
import { listRuns } from "../../lineage/query/runs.ts";
import type { RunEvent } from "../../runner/index.ts";
import { schemaFaults } from "../notebook/schema.ts";
import {
  ended,
  eventOf,
  executedNotebook,
  filesBelow,
  folderOf,
  lastRecord,
  outputJson,
  startSteplab,
  steplab,
  streamText,
} from "../rig/run.ts";
import { MAKE, stepProject, type Step, type Steps } from "../rig/steps.ts";

/** Waits for ever in its second body cell, unless a file says that it need not. */
const WAIT: Step = {
  imports: `import { z, a, parameters, inputs, outputs, check, finding } from "steplab";\nimport { existsSync } from "node:fs";`,
  inputs: { n: ["a.json(z.int())", "make.n"] },
  outputs: "const output = outputs({ n: a.json(z.int()) });",
  body: [
    `const n = await input.n.read();\nconsole.log("read", n);\ncheck("positive", n > 0);\nfinding("It is a number.");`,
    `console.log("waiting");\nif (!existsSync("go-on")) await new Promise((resolve) => setTimeout(resolve, 600_000));`,
    "await output.n.write(n);",
  ],
};
const STEPS: Steps = {
  make: MAKE,
  wait: WAIT,
  use: { inputs: { n: ["a.json(z.int())", "wait.n"] }, body: "await input.n.read();" },
};

const inBody2 = (event: RunEvent): boolean =>
  event.type === "cell-started" && event.cell.id === "body-2";

describe("Ctrl-C", () => {
  test("ends the cell, writes the archive first, exits with 130; the next run goes on", async () => {
    await using project = await stepProject(STEPS);
    const running = startSteplab(project, ["run", "--json"]);
    const started = await eventOf(running, "stage-started", ({ stage }) => stage === "wait");
    await eventOf(running, "cell-started", inBody2);
    running.process.kill("SIGINT");
    const { code, stderr } = await running.done;
    expect([code, stderr]).toEqual([
      130,
      "cancelling: the archive is written first (Ctrl-C again ends at once)\n",
    ]);

    const record = lastRecord(project);
    expect(record.status).toBe("cancelled");
    expect(Object.values(record.stages).map(({ status }) => status)).toEqual([
      "succeeded",
      "cancelled",
      "not-run",
    ]);
    const cells = record.stages["wait"]?.cells.slice(-3) ?? [];
    expect(cells.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "body-1 ok",
      "body-2 interrupted",
      "body-3 not-run",
    ]);
    const notebook = executedNotebook(project, record, "wait");
    const body2 = notebook.cells.find(({ id }) => id === "body-2");
    expect(streamText(body2?.outputs ?? [])).toBe("waiting\n");
    await ended(started.kernelPid ?? 0);
    expect((await steplab(project, ["verify"])).code).toBe(0);

    await project.write("go-on", "");
    const next = await steplab(project, ["run"]);
    expect(next, next.stderr).toMatchObject({ code: 0, signal: null });
    expect(Object.values(lastRecord(project).stages).map(({ status }) => status)).toEqual([
      "cached",
      "succeeded",
      "succeeded",
    ]);
  });
});

describe("Ctrl-C twice", () => {
  test("ends at once, stuck kernels too; the next command records what ran", async () => {
    await using project = await stepProject({
      stuck: { body: [`console.log("ran");`, `process.kill(process.pid, "SIGSTOP");`] },
    });
    const running = startSteplab(project, ["run", "--json"]);
    const { kernelPid } = await eventOf(running, "stage-started");
    await eventOf(running, "cell-started", inBody2);
    running.process.kill("SIGINT");
    await running.line((line) => line.startsWith("cancelling"));
    running.process.kill("SIGINT");
    expect((await running.done).code).toBe(130);
    await ended(kernelPid ?? 0);
    const { stdout } = await steplab(project, ["runs"]);
    expect(stdout).toMatch(/^\S+ +interrupted /);
    expect(lastRecord(project).stages["stuck"]?.cells.slice(-2)).toMatchObject([
      { id: "body-1", status: "ok" },
      { id: "body-2", status: "interrupted" },
    ]);
  });
});

describe("a runner that is killed in the middle of a cell", () => {
  test("leaves a run that the next command records as interrupted, with the notebook as far as it ran", async () => {
    await using project = await stepProject(STEPS);
    const running = startSteplab(project, ["run", "--json"]);
    const started = await eventOf(running, "stage-started", ({ stage }) => stage === "wait");
    await eventOf(running, "cell-started", inBody2);
    running.process.kill("SIGKILL");
    await running.done;
    await ended(started.kernelPid ?? 0); // its kernels notice and end by themselves
    expect(filesBelow(project.path("runs")).some((file) => file.endsWith("run.json"))).toBe(false);

    const status = await steplab(project, ["status"]);
    const [run] = listRuns(project.root);
    expect(status.stdout).toContain(
      `Run ${run} was interrupted; what it left is archived: npx steplab show ${run}`,
    );
    const record = lastRecord(project);
    expect(record).toMatchObject({ run, status: "interrupted" });
    expect(outputJson(project, record, "make", "n")).toBe(3);
    const wait = record.stages["wait"];
    expect(wait).toMatchObject({
      status: "interrupted",
      template: "step",
      executedIn: run,
      key: expect.stringMatching(/^sha256:/) as string,
      inputs: { n: { source: { stage: "make", output: "n" } } },
      outputs: {},
      checks: [{ name: "positive", status: "passed" }],
      notes: [{ kind: "finding", text: "It is a number." }],
      error: { name: "Interrupted", cell: { id: "body-2" }, notebook: "2-wait/wait.ipynb" },
    });
    expect(wait?.cells.slice(-3).map(({ id, status }) => `${id} ${status}`)).toEqual([
      "body-1 ok",
      "body-2 interrupted",
      "body-3 not-run",
    ]);
    expect(record.stages["use"]).toMatchObject({
      status: "not-run",
      reason: "the run was interrupted before its turn",
      template: "step",
    });

    const path = join(folderOf(project, record), "2-wait/wait.ipynb");
    expect(schemaFaults(JSON.parse(readFileSync(path, "utf8")))).toEqual([]);
    const { cells, metadata } = executedNotebook(project, record, "wait");
    expect(metadata.steplab).toMatchObject({ run, stage: "wait", status: "interrupted" });
    expect(streamText(cells.find(({ id }) => id === "body-1")?.outputs ?? [])).toBe("read 3\n");
    expect(cells.filter(({ slot }) => slot === null).map((cell) => cell.metadata.steplab)).toEqual([
      { status: "ok" },
      { status: "interrupted" },
      { status: "not-run" },
    ]);

    await project.write("go-on", "");
    const next = await steplab(project, ["run", "--explain"]);
    expect([next.code, next.stderr]).toEqual([0, expect.stringContaining("unchanged since run")]);
    expect((await steplab(project, ["verify"])).stdout).toMatch(
      /2 runs: all is as it was written\n$/,
    );
    expect(filesBelow(project.path("runs/.store/scratch"))).toEqual([]);
  });

  test("may be killed at any line of its journal: verify is clean and the next run succeeds", async () => {
    await using project = await stepProject({
      make: MAKE,
      use: { inputs: { n: ["a.json(z.int())", "make.n"] }, body: "await input.n.read();" },
    });
    const whole = startSteplab(project, ["run", "--json"]);
    const { stdout } = await whole.done;
    const lines = stdout.trimEnd().split("\n").length;
    // From the first line to the last, and once between the last line and the record.
    const points = [1, 2, 4, 9, Math.floor(lines / 2), lines - 2, lines - 1, lines];
    for (const point of points) {
      const running = startSteplab(project, ["run", "--json", "--force"]);
      let seen = 0;
      await running.line(() => ++seen >= point).catch(() => undefined);
      running.process.kill("SIGKILL");
      await running.done;
      const verified = await steplab(project, ["verify", "--json"]);
      expect([point, verified.code, JSON.parse(verified.stdout).problems]).toEqual([point, 0, []]);
    }
    const next = await steplab(project, ["run", "--force"]);
    expect(next.code).toBe(0);
    for (const run of listRuns(project.root)) {
      const folder = join(project.path("runs"), run);
      const record = JSON.parse(readFileSync(join(folder, "run.json"), "utf8"));
      expect(["succeeded", "interrupted"]).toContain(record.status);
      expect(readJournal(folder)[0]).toMatchObject({ type: "run-started", run });
      const statuses = Object.values<{ status: string }>(record.stages).map(({ status }) => status);
      expect(statuses.every((status) => /^(succeeded|interrupted|not-run)$/.test(status))).toBe(
        true,
      );
    }
    expect(filesBelow(project.path("runs/.store/scratch"))).toEqual([]);
    expect(filesBelow(project.path("runs/.store/refs/running"))).toEqual([]);
  });
});

test("a kernel that runs out of memory is killed and says so; the stages beside it are not harmed", async () => {
  await using project = await stepProject({
    greedy: {
      body: "const kept: number[][] = [];\nfor (;;) kept.push(Array.from({ length: 100_000 }, (_, i) => i / 3));",
    },
    make: MAKE,
  });
  const { code, stdout } = await steplab(project, ["run"], {
    env: { NODE_OPTIONS: "--max-old-space-size=128" },
  });
  expect(code).toBe(1);
  expect(stdout).toContain(
    "killed  greedy\n  The kernel ran out of memory.\n  in cell 6 (body-1)\n",
  );
  const record = lastRecord(project);
  expect(record.stages["greedy"]).toMatchObject({
    status: "killed",
    error: { name: "OutOfMemory", cell: { number: 6, id: "body-1" } },
  });
  expect(record.stages["make"]?.status).toBe("succeeded");
  const archived = readFileSync(join(folderOf(project, record), "events.jsonl"), "utf8");
  expect(archived).toContain("heap out of memory");
  expect(archived).not.toContain(process.execPath);
});

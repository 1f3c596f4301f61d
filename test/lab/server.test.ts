/** `steplab run --server`: stages on the kernels of a real Jupyter Server, which is killed. */
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { childrenOf } from "../rig/processes.ts";
import type { Project } from "../rig/project.ts";
import { lastRecord, steplab, type Command } from "../rig/run.ts";
import { DOUBLE, editStep, MAKE, stepProject } from "../rig/steps.ts";
import { startLab, type RunningLab } from "./rig/server.ts";

let project: Project;
let lab: RunningLab;

beforeEach(async () => {
  project = await stepProject({ make: MAKE, double: DOUBLE });
  lab = await startLab(project.root, { jupyter: inject("jupyter") });
});

afterEach(async () => {
  await lab[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

const run = async (...words: string[]): Promise<Command> =>
  await steplab(project, ["run", ...words], {
    env: { JUPYTER_TOKEN: lab.url.searchParams.get("token") ?? "" },
  });

/** Cells that take their time, and say how far they are. */
const SLOW = {
  ...MAKE,
  body: `for (let n = 0; n < 60; n++) { console.log("step", n); await new Promise((resolve) => setTimeout(resolve, 100)); }
await output.n.write(params.n);`,
};

test("the record is that of a run at home: the next one finds everything done", async () => {
  const ran = await run("--server", lab.url.origin);
  expect(ran.stderr + ran.stdout).toContain("succeeded");
  expect(ran.code).toBe(0);
  const kernels = (await lab.api("/api/kernels")) as unknown[];
  expect(kernels).toEqual([]); // none is left behind
  const record = lastRecord(project);
  expect(record.stages["double"]).toMatchObject({
    status: "succeeded",
    outputs: { n: { kind: "json" } },
  });
  expect(JSON.stringify(record)).not.toContain(lab.url.searchParams.get("token"));
  expect((await steplab(project, ["run"])).code).toBe(0);
  const { stages } = lastRecord(project);
  expect(Object.values(stages).map(({ status }) => status)).toEqual(["cached", "cached"]);
});

test("a server that is killed in the middle ends the stage, truthfully; the next run goes on another", async () => {
  await editStep(project, "make", SLOW);
  const running = run("--server", lab.url.origin);
  await expect
    .poll(
      async () =>
        ((await lab.api("/api/kernels")) as { execution_state: string }[]).map(
          (each) => each.execution_state,
        ),
      { timeout: 60_000 },
    )
    .toContain("busy");
  const [jupyter] = childrenOf(lab.process.pid);
  process.kill(jupyter?.pid ?? Number.NaN, "SIGKILL");
  const killed = await running;
  expect(killed.code).toBe(1);
  const record = lastRecord(project);
  expect(record.stages["make"]).toMatchObject({
    status: "killed",
    error: { name: "KernelLost", message: expect.stringMatching(/^The kernel is lost: /) },
  });
  expect(record.stages["double"]?.status).toBe("not-run");
  await using again = await startLab(project.root, { jupyter: inject("jupyter") });
  const { code } = await steplab(project, ["run", "--server", again.url.href]);
  expect(code).toBe(0);
});

test.each([
  ["no server", () => "http://127.0.0.1:9/", "server/unreachable"],
  ["another token", () => `${lab.url.origin}/?token=wrong`, "server/refused"],
  ["no address", () => "nowhere", "cli/usage"],
])("%s is said to be that", async (_, address, code) => {
  const refused = await run("--server", address());
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain(code);
});

/** The folder for temporary files is the machine's, and may be anything. */
import { mkdirSync } from "node:fs";
import { expect, test } from "vitest";
import { lastRecord, steplab } from "../rig/run.ts";
import { stepProject } from "../rig/steps.ts";

test("a deep one, whose paths no unix domain socket may have, serves as well", async () => {
  await using project = await stepProject({ one: { body: "1 + 1" } });
  const deep = project.path(`tmp/${"deep".repeat(30)}`);
  mkdirSync(deep, { recursive: true });
  const ran = await steplab(project, ["run"], { env: { TMPDIR: deep } });
  expect(ran.stderr).not.toContain("internal error");
  expect(ran.code).toBe(0);
});

test("one that is not there is named, and the stage that needed it says so", async () => {
  await using project = await stepProject({ one: { body: "1 + 1" } });
  const ran = await steplab(project, ["run"], { env: { TMPDIR: project.path("nowhere") } });
  expect(ran.code).toBe(1);
  expect(lastRecord(project).stages["one"]).toMatchObject({
    status: "failed",
    error: {
      name: "kernel/not-started",
      message:
        "A kernel needs a temporary folder, and none can be made: ENOENT: no such file or directory, mkdtemp 'nowhere/steplab-XXXXXX'\nFree space there, or set TMPDIR to a folder that may be written.",
    },
  });
});

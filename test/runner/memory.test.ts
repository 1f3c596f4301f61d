import { expect, test } from "vitest";
import { executedNotebook, runProject } from "../rig/run.ts";
import { stepProject } from "../rig/steps.ts";

test("a stage that comes near its memory limit ends with the cell named, and what ran is kept", async () => {
  await using project = await stepProject({
    hoards: {
      body: [
        `const kept: Uint8Array[] = [];\nconsole.log("before");`,
        `for (;;) kept.push(new Uint8Array(4 << 20).fill(1));`,
        `console.log("never");`,
      ],
      yaml: { resources: { memory: "400MiB" } },
    },
    modest: { body: "1 + 1;", yaml: { resources: { memory: "400MiB" } } },
  });
  const { record, statuses } = await runProject(project);
  expect(statuses).toEqual({ hoards: "killed", modest: "succeeded" });
  const stage = record.stages["hoards"];
  expect(stage?.error).toMatchObject({
    name: "OutOfMemory",
    cell: { id: "body-2" },
    process: null, // the kernel lived on: it was the cell that ended
  });
  expect(stage?.error?.message).toMatch(
    /^The stage's memory came to (3[6-9]\d|[4-9]\d\d) MiB of its limit of 400 MiB \(resources\.memory\)\.$/,
  );
  expect(stage?.cells.map(({ id, status }) => [id, status]).slice(-3)).toEqual([
    ["body-1", "ok"],
    ["body-2", "error"],
    ["body-3", "not-run"],
  ]);
  expect(JSON.stringify(executedNotebook(project, record, "hoards"))).toContain("before");
});

/** Attempts: whole, each in a kernel of its own, each archived. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verifyArchive } from "../../lineage/verify.ts";
import { folderOf, runProject } from "../rig/run.ts";
import { stepProject, type Step } from "../rig/steps.ts";

/** Fails until it has been begun three times; what counts that lies outside the stage, as a service would. */
const FLAKY: Step = {
  imports: `import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";\nimport { z, a, parameters, inputs, outputs } from "steplab";`,
  outputs: "const output = outputs({ n: a.json(z.int()), files: a.folder() });",
  body: [
    `appendFileSync("tries.txt", "x");\nconst tries = readFileSync("tries.txt", "utf8").length;`,
    `const folder = await output.files.path();\nconst left = readdirSync(folder);\nwriteFileSync(\`\${folder}/\${tries}.txt\`, "");`,
    `if (tries === 1) throw new Error("the service is away");\nif (tries === 2) process.exit(7);`,
    `await output.n.write(left.length);`,
  ],
  yaml: { retries: 2, cache: true },
};

test("a stage that fails is tried again, from an empty folder, and its failed attempts are kept", async () => {
  await using project = await stepProject({ flaky: FLAKY });
  const { record, events } = await runProject(project);
  const stage = record.stages["flaky"];
  expect(stage?.status).toBe("succeeded");
  expect(stage?.attempts.map(({ status, failed }) => [status, failed?.message])).toEqual([
    ["failed", "the service is away"],
    ["failed", "The notebook ended its kernel (exit code 7): code called process.exit()."],
    ["succeeded", undefined],
  ]);
  const folder = folderOf(project, record);
  const attempt = (n: number): string => join(folder, `1-flaky/attempt-${n}.ipynb`);
  expect(readFileSync(attempt(1), "utf8")).toContain("the service is away");
  expect(existsSync(attempt(3))).toBe(false);
  expect(readFileSync(join(folder, "1-flaky/n.json"), "utf8").trim()).toBe("0");
  expect(existsSync(join(folder, "1-flaky/files/3.txt"))).toBe(true);
  expect(existsSync(join(folder, "1-flaky/files/1.txt"))).toBe(false);
  expect(events.filter(({ type }) => type === "attempt-ended")).toMatchObject([
    { attempt: 1, status: "failed", pauseMs: 1000 },
    { attempt: 2, status: "failed", pauseMs: 2000 },
  ]);
  expect(verifyArchive(project.root).problems).toEqual([]);

  const again = await runProject(project);
  expect(again.statuses).toEqual({ flaky: "cached" });
  expect(verifyArchive(project.root).problems).toEqual([]);
});

test("a failed check is a verdict: it is not tried again", async () => {
  await using project = await stepProject({
    checks: {
      imports: `import { parameters, inputs, outputs, check } from "steplab";`,
      body: `check("holds", false);`,
      yaml: { retries: 2 },
    },
  });
  const { record } = await runProject(project);
  expect(record.stages["checks"]?.attempts.map(({ status }) => status)).toEqual(["checks-failed"]);
});

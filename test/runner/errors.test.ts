/** Errors that are not as most are, and what the archive keeps of them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Project } from "../rig/project.ts";
import { executedNotebook, folderOf, runProject, type Ran } from "../rig/run.ts";
import { stepProject } from "../rig/steps.ts";

let project: Project;
let ran: Ran;
beforeAll(async () => {
  project = await stepProject({
    pretends: {
      body: `class ChecksFailed extends Error {\n  override name = "ChecksFailed";\n}\nthrow new ChecksFailed("no check was made");`,
    },
    shouts: { body: `throw new Error(\`begin\${"x".repeat(5_000_000)}end\`);` },
  });
  ran = await runProject(project);
});
afterAll(() => project[Symbol.asyncDispose]());

test("a stage is checks-failed when a check failed, not when an error says so", () => {
  expect(ran.statuses["pretends"]).toBe("failed");
  expect(ran.record.stages["pretends"]?.error?.message).toBe("no check was made");
});

test("a message of megabytes keeps its beginning and its end, in the record, the journal and the notebook", () => {
  const message = ran.record.stages["shouts"]?.error?.message ?? "";
  expect(message).toMatch(/^beginx+\n… 4,980,008 characters left out …\nx+end$/);
  const [output] = executedNotebook(project, ran.record, "shouts").cells.flatMap(
    ({ outputs }) => outputs,
  );
  expect(output?.output_type === "error" && output.evalue).toMatch(
    /^beginx+\n… .* characters left out …\nx+end$/,
  );
  for (const name of ["run.json", "events.jsonl", "2-shouts/shouts.ipynb"]) {
    const text = readFileSync(join(folderOf(project, ran.record), name), "utf8");
    expect(text.length).toBeLessThan(1_000_000);
  }
});

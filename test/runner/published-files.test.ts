/** What a notebook may leave as its outputs, and where it lies in the run's folder. */
import { chmodSync, chownSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { entriesBelow, folderOf, lastRecord, runProject, steplab } from "../rig/run.ts";
import { stepProject } from "../rig/steps.ts";

test("an output named like the stage's own description lies beside it", async () => {
  await using project = await stepProject({
    tell: {
      prose: "Why.",
      outputs: `const output = outputs({ stage: a.file({ media: "text/markdown" }) });`,
      body: `await output.stage.write("# Report");`,
    },
  });
  for (const force of [true, false]) {
    const { record, statuses } = await runProject(project, { force });
    expect(statuses).toEqual({ tell: force ? "succeeded" : "cached" });
    const path = record.stages["tell"]?.outputs["stage"]?.path ?? "";
    expect(path).toBe("1-tell/output-stage.md");
    const read = (name: string): string =>
      readFileSync(join(folderOf(project, record), name), "utf8");
    expect(read(path)).toBe("# Report");
    expect(read("1-tell/stage.md")).toContain("Why.");
  }
});

test("what a notebook made read-only is taken as its output, from any user", async () => {
  await using project = await stepProject({
    bundle: {
      imports: `import { a, parameters, inputs, outputs, z } from "steplab";\nimport { writeFileSync } from "node:fs";\nimport { join } from "node:path";`,
      outputs: "const output = outputs({ folder: a.folder() });",
      body: `writeFileSync(join(await output.folder.path(), "new.txt"), "text", { mode: 0o444 });`,
    },
  });
  // As root a read-only file stops nobody, so the command runs as somebody else; who is not root is that already.
  const uid = process.getuid?.() === 0 ? 65_534 : undefined;
  if (uid !== undefined) {
    chmodSync(project.root, 0o755);
    for (const { path } of [{ path: "" }, ...entriesBelow(project.root)])
      if (!path.startsWith("node_modules/")) chownSync(join(project.root, path), uid, uid);
  }
  const ran = await steplab(project, ["run"], {
    ...(uid !== undefined && { uid }),
    env: { HOME: "/tmp", TMPDIR: "/tmp", NODE_COMPILE_CACHE: "" },
  });
  expect(ran.stderr + ran.stdout).toContain("succeeded");
  expect(ran.code).toBe(0);
  const record = lastRecord(project);
  expect(record.stages["bundle"]?.outputs["folder"]).toMatchObject({ bytes: 4 });
});

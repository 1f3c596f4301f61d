/** Completion through a real bash: what a person gets who presses tab. */
import { execFile, execFileSync } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repositoryRoot, type Project } from "../rig/project.ts";
import { lastRecord, runProject, steplab } from "../rig/run.ts";
import { DOUBLE, MAKE, stepProject } from "../rig/steps.ts";

let project: Project;
beforeAll(async () => {
  const gbdt =
    "const params = parameters({ n: z.int().default(3), gbdt: z.object({ trees: z.int() }).default({ trees: 5 }) });";
  project = await stepProject(
    { make: { ...MAKE, parameters: gbdt }, double: DOUBLE },
    { params: { minPrice: 10 }, profiles: { ci: { minPrice: 20 }, nightly: {} } },
    { "data/new.csv": "n\n", "data/old.csv": "n\n" },
  );
  await runProject(project, { select: { to: ["make"] } });
  const command = `#!/bin/sh\nexec "${process.execPath}" "${join(repositoryRoot, "bin/steplab.js")}" "$@"\n`;
  await project.write(".bin/steplab", command);
  await chmod(project.path(".bin/steplab"), 0o755);
  await writeFile(
    project.path(".completion"),
    (await steplab(project, ["completion", "bash"])).stdout,
  );
});
afterAll(() => project[Symbol.asyncDispose]());

/** Tab at the end of the line, as bash calls the function: words broken at spaces and at "=". */
async function tab(line: string): Promise<string[]> {
  const words = line.split(/(=)|\s/).filter((word) => word !== undefined);
  const last = line.endsWith(" ") || line.endsWith("=") ? "" : undefined;
  const given = words.filter((word) => word !== "");
  if (last !== undefined) given.push(last);
  const script = `source .completion; COMP_WORDS=(${given.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${given.length - 1}; _steplab; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)("bash", ["--norc", "-c", script], {
    cwd: project.root,
    env: { ...process.env, PATH: `${project.path(".bin")}${delimiter}${process.env["PATH"]}` },
  });
  return stdout.split("\n").filter(Boolean);
}

test.each([
  ["steplab ru", ["run", "runs"]],
  ["steplab run --fo", ["--force"]],
  ["steplab run --from ", ["make", "double"]],
  ["steplab run --force --to=d", ["double"]],
  ["steplab run -p m", ["minPrice=", "make.n=", "make.gbdt.trees="]],
  ["steplab run -i ", ["double.n="]],
  ["steplab run -i double.n=data/", ["data/new.csv", "data/old.csv"]],
  ["steplab run --profile ", ["ci", "nightly"]],
  ["steplab show last ma", ["make"]],
  ["steplab lint --format ", ["github"]],
  ["steplab kernel ", ["install"]],
  ["steplab kernel install --prefix da", ["data"]],
  ["steplab help sta", ["status"]],
  ["steplab nothing ", []],
])("%s", async (line, expected) => {
  expect(await tab(line)).toEqual(expected);
});

test("runs are offered by how far back they are and by id", async () => {
  expect(await tab("steplab show ")).toEqual(["last", lastRecord(project).run]);
});

test("outside a project, and in one whose document cannot be read, nothing is offered and nothing printed", async () => {
  await using broken = await stepProject({ make: MAKE });
  await broken.write("PIPELINE.md", "---\n: [\n---\n");
  const { code, stdout, stderr } = await steplab(broken, ["__complete", "run", "--from", ""]);
  expect([code, stdout, stderr]).toEqual([0, "", ""]);
});

test.each(["bash", "zsh", "fish"])(
  "the script for %s is one that the shell reads",
  async (shell) => {
    const { code, stdout } = await steplab(project, ["completion", shell]);
    expect(code).toBe(0);
    expect(stdout).toContain("steplab __complete");
    const script = project.path(`.completion-${shell}`);
    await writeFile(script, stdout);
    if (isThere(shell)) execFileSync(shell, ["-n", script]);
  },
);

function isThere(shell: string): boolean {
  try {
    execFileSync(shell, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

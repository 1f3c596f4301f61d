/** What `steplab lab` says where it cannot begin; what it does where it can is in `test/lab/`. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { makeProject } from "../rig/project.ts";
import { steplab } from "../rig/run.ts";

test("without JupyterLab and Python it says what to install, and what it looked for", async () => {
  await using project = await makeProject({ "PIPELINE.md": "---\npipeline: x\n---\n" });
  const env = { PATH: dirname(process.execPath) };
  const { code, stdout, stderr } = await steplab(project, ["lab"], { env });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toBe(`error jupyter/no-python
  There is no jupyter-lab on the PATH, and no Python 3.10 or newer with venv and pip to set one up: there is no python3; there is no python.
  Hint: Install Python 3 (python.org; Debian and Ubuntu: apt install python3-venv), or JupyterLab itself, and type the same again.
`);
});

test("a Python that is too old, or lacks venv, is named", async () => {
  await using project = await makeProject({ "PIPELINE.md": "---\npipeline: x\n---\n" });
  const folder = project.path("programs");
  mkdirSync(folder);
  writeFileSync(`${folder}/python3`, "#!/bin/sh\necho 3.9.2\n");
  writeFileSync(`${folder}/python`, "#!/bin/sh\necho ModuleNotFoundError: ensurepip >&2; exit 1\n");
  for (const name of ["python3", "python"]) chmodSync(`${folder}/${name}`, 0o755);
  const { stderr } = await steplab(project, ["lab"], { env: { PATH: `${folder}:/nowhere` } });
  expect(stderr).toContain(
    "python3 is 3.9.2; python lacks venv (on Debian: apt install python3-venv).",
  );
});

test("what --jupyter names must be a JupyterLab", async () => {
  await using project = await makeProject({ "PIPELINE.md": "---\npipeline: x\n---\n" });
  const { code, stderr } = await steplab(project, ["lab", "--jupyter", "nothing"]);
  expect(code).toBe(1);
  expect(stderr).toBe(`error jupyter/not-found
  nothing is no JupyterLab that starts.
  Hint: Name its jupyter-lab, or the folder of the environment that it is in: --jupyter .venv
`);
});

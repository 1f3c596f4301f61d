/** Projects to open. */
import { expect } from "vitest";
import { makeProject, type Project } from "../../rig/project.ts";
import { steplab } from "../../rig/run.ts";

/** The project that `steplab init` makes, run once: inputs have something to be bound to. */
export async function starterProject(): Promise<Project> {
  const project = await makeProject({});
  for (const words of [["init"], ["run"]]) {
    const { code, stdout, stderr } = await steplab(project, words);
    expect(code, stdout + stderr).toBe(0);
  }
  return project;
}

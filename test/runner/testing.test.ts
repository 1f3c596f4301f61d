import { expect, test } from "vitest";
import { runStage } from "../../runner/testing.ts";
import { DOUBLE, MAKE, stepProject } from "../rig/steps.ts";

test("runStage on a notebook that cannot be read as a stage says what is wrong with it, where a test shows it: in the message", async () => {
  await using project = await stepProject({ make: MAKE, double: DOUBLE });
  const notebook = await project.read("notebooks/double.ipynb");
  await project.write("notebooks/double.ipynb", `<<<<<<< HEAD\n${notebook}`);
  await expect(runStage("double", { projectRoot: project.root })).rejects.toMatchObject({
    code: "lint/errors",
    message:
      'Stage "double" does not lint.\nnotebooks/double.ipynb: This notebook is not valid JSON. Expected a value, but there is "<".',
  });
});

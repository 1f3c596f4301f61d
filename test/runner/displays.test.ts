/** What cells show, as it stands in the archive. */
import { expect, test } from "vitest";
import { executedNotebook, runProject } from "../rig/run.ts";
import { MAKE, stepProject } from "../rig/steps.ts";

test("a display that a later cell updates is archived as it was last, where it was first shown", async () => {
  await using project = await stepProject({
    make: {
      ...MAKE,
      imports: `import { z, a, parameters, inputs, outputs, check, display, progress } from "steplab";`,
      body: [
        `const shown = display("before");\nconst bar = progress(3);`,
        `shown.update("between"); bar.step();`,
        `shown.update("after"); shown.update("last"); bar.step(); bar.step();\nawait output.n.write(params.n);`,
      ],
    },
  });
  const ran = await runProject(project);
  expect(ran.record.stages["make"]?.error).toBeNull();
  const { cells } = executedNotebook(project, ran.record, "make");
  const first = cells.find(({ id }) => id === "body-1");
  expect(first?.outputs[0]).toMatchObject({ data: { "text/plain": "last" } });
});

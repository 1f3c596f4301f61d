/** `--explain`: the part of the key that changed, in full. */
import { expect, test } from "vitest";
import { editStep, stepProject, type Step } from "../rig/steps.ts";
import { steplab } from "../rig/run.ts";

const MAKE: Step = {
  imports: `import { z, a, parameters, inputs, outputs, check } from "steplab";
import { factor } from "./factor.ts";`,
  parameters: "const params = parameters({ n: z.int().default(3) });",
  inputs: { raw: ["a.file()", "data/raw.txt"] },
  outputs: "const output = outputs({ rows: a.table(z.object({ n: z.int() })) });",
  body: [
    "const raw = Number(await input.raw.text());\n\nconst product = raw * factor;",
    "const gone = 1;",
    "await output.rows.write([{ n: product * params.n }]);",
  ],
};
const READ: Step = {
  inputs: { rows: ["a.table(z.object({ n: z.int() }))", "make.rows"] },
  outputs: "const output = outputs({ n: a.json(z.int()) });",
  body: "await output.n.write(await input.rows.numRows());",
};
const FACTOR = `export const base = 1;
export const factor = base * 2;
`;

test("code is shown as a diff, the rest from what to what", async () => {
  await using project = await stepProject(
    { make: MAKE, read: READ },
    {},
    { "data/raw.txt": "5", "notebooks/factor.ts": FACTOR },
  );
  await steplab(project, ["run"]);

  await editStep(project, "make", {
    ...MAKE,
    body: [
      "const raw = Number(await input.raw.text());\n\nconst product = raw * factor * 2; // twice",
      "",
      "await output.rows.write([{ n: product * params.n }, { n: 1 }]);\n// prose alone is no change",
    ],
  });
  await project.write("notebooks/factor.ts", FACTOR.replace("* 2", "* 3"));
  await project.write("data/raw.txt", "50");
  const status = await steplab(project, ["status", "--explain"]);
  const ran = await steplab(project, ["run", "--explain", "-p", "make.n=4"]);
  const told = ran.stderr.replaceAll(/\([0-9a-f]{8}\)/g, "(digest)");
  expect(told.replaceAll(/\d+\.\d s|: [0-9a-f]{8} → [0-9a-f]{8}/g, "…")).toMatchInlineSnapshot(`
    "running        make  the notebook's code changed; module notebooks/factor.ts…; parameter n: 3 → 4; input raw…
        cell 6, changed
        @@ line 1
          const raw = Number(await input.raw.text());
        
        - const product = raw * factor;
        + const product = raw * factor * 2; // twice
        cell 7, changed
        @@ line 1
        - const gone = 1;
        + await output.rows.write([{ n: product * params.n }, { n: 1 }]);
        + // prose alone is no change
        cell body-3, which is gone
        @@ line 1
        - await output.rows.write([{ n: product * params.n }]);
        notebooks/factor.ts, changed
        @@ line 1
          export const base = 1;
        - export const factor = base * 2;
        + export const factor = base * 3;
        input raw: 1 B (digest) → 2 B (digest)
    succeeded      make  …  no checks
    running        read  input rows…
        input rows: 1 row, 219 B (digest) → 2 rows, 227 B (digest)
    succeeded      read  …  no checks
    "
  `);
  expect(status.stdout).toContain("- const product = raw * factor;");

  // Where only values changed, the line says all; forced, it says none of it.
  const set = await steplab(project, ["run", "--explain", "-p", "make.n=5", "--only", "make"]);
  expect(set.stderr.replaceAll(/\d+\.\d s/g, "…")).toBe(
    "running        make  parameter n: 4 → 5\nsucceeded      make  …  no checks\n",
  );
  const forced = await steplab(project, ["run", "--explain", "--force", "--only", "make"]);
  expect(forced.stderr).toContain("running        make  forced\n    parameter n: 5 → 3\n");

  // Without the earlier text, that it changed is all that can be said.
  await editStep(project, "make", MAKE);
  await project.remove("runs/.store/objects");
  const again = await steplab(project, ["run", "--explain"]);
  expect(again.stderr).toContain(
    "    the notebook's code changed (its earlier text is not kept)\n",
  );
});

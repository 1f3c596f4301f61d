import { symlink } from "node:fs/promises";
import { expect, test } from "vitest";
import { lint } from "../../pipeline/lint/index.ts";
import {
  collect,
  DOCUMENT,
  documentWith,
  IMPORTS,
  judge,
  processing,
  projectWith,
  replaced,
} from "./sound-project.ts";

const PATH = "notebooks/process.ipynb";

test("stages wait for each other", async () => {
  const document = replaced(
    DOCUMENT,
    "inputs: { delivery: data/listings.csv }\n",
    "inputs: { delivery: data/listings.csv }\nafter: [process]\n",
  );
  expect(await judge({ "PIPELINE.md": document.replace(/```mermaid[^`]*```/, "") }))
    .toMatchInlineSnapshot(`
    "error graph/cycle  PIPELINE.md, line 16:1
      inputs: { delivery: data/listings.csv }
      ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
      These stages wait for each other: collect → process → collect.
      Hint: take one of these wires out."
  `);
});

test("two stages have one name", async () => {
  expect(await judge(documentWith("name: process", "name: collect"))).toMatchInlineSnapshot(`
    "error graph/duplicate-name  PIPELINE.md, line 25:1
      name: collect
      ~~~~~~~~~~~~~
      Two stages are called "collect"; the first is in line 17.
      Hint: give each stage a name of its own.

    warning document/diagram-stale  PIPELINE.md, line 9:1
      \`\`\`mermaid
      ~~~~~~~~~~
      The diagram does not show the stages as they are wired.
      Hint: \`npx steplab lint --fix\` draws it again."
  `);
});

test("a wire names a stage that is not there", async () => {
  expect(await judge(documentWith("collect.listings", "colect.listings"))).toMatchInlineSnapshot(`
    "error graph/unknown-stage  PIPELINE.md, line 27:11
      inputs: { listings: colect.listings }
                ~~~~~~~~~~~~~~~~~~~~~~~~~
      There is no stage "colect" to read "listings" from.
      Hint: did you mean "collect"?"
  `);
});

test("a file in the project's root is written with ./", async () => {
  expect(
    await judge({
      ...documentWith("delivery: data/listings.csv", "delivery: listings.csv"),
      "listings.csv": "id\n",
    }),
  ).toMatchInlineSnapshot(`
    "error graph/unknown-stage  PIPELINE.md, line 19:11
      inputs: { delivery: listings.csv }
                ~~~~~~~~~~~~~~~~~~~~~~
      There is no stage "listings" to read "csv" from.
      Hint: for the file in the project's root write \`./listings.csv\`."
  `);
});

test("a wire names an output that is not declared, or a metric", async () => {
  expect(await judge(documentWith("collect.listings", "collect.listing"))).toMatchInlineSnapshot(`
    "error graph/unknown-output  PIPELINE.md, line 27:11
      inputs: { listings: collect.listing }
                ~~~~~~~~~~~~~~~~~~~~~~~~~
      Stage "collect" has no output "listing".
      Hint: did you mean "listings"?
      notebooks/collect.ipynb, cell 5 (outputs): its outputs are declared here"
  `);
  expect(
    await judge({
      ...documentWith("collect.listings", "collect.count"),
      "notebooks/collect.ipynb": collect({
        outputs: `const output = outputs({ listings: a.table(Listing), count: a.metric({ goal: "max" }) });`,
        body: "await output.listings.write(input.delivery.csv(Listing));\noutput.count.write(1);",
      }),
    }),
  ).toMatchInlineSnapshot(`
    "error graph/unknown-output  PIPELINE.md, line 27:11
      inputs: { listings: collect.count }
                ~~~~~~~~~~~~~~~~~~~~~~~
      "count" of stage "collect" is a metric: it is recorded, and no stage can read it.
      Hint: write the value to an \`a.json\` output too.
      notebooks/collect.ipynb, cell 5 (outputs), line 1:54: its outputs are declared here
        const output = outputs({ listings: a.table(Listing), count: a.metric({ goal: "max" }) });
                                                             ~~~~~"
  `);
});

test("`after` names a stage that is not there", async () => {
  expect(
    await judge(
      documentWith(
        "inputs: { listings: collect.listings }",
        "inputs: { listings: collect.listings }\nafter: [report]",
      ),
    ),
  ).toMatchInlineSnapshot(`
    "error graph/unknown-stage  PIPELINE.md, line 28:1
      after: [report]
      ~~~~~~~~~~~~~~~
      There is no stage "report" to come after.
      Hint: there are "collect", "process"."
  `);
});

test("a notebook does not exist, or lies outside the project", async () => {
  expect(await judge(documentWith(PATH, "notebooks/proces.ipynb"))).toMatchInlineSnapshot(`
    "error graph/missing-notebook  PIPELINE.md, line 26:1
      notebook: notebooks/proces.ipynb
      ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
      There is no notebook notebooks/proces.ipynb.
      Hint: did you mean "notebooks/process.ipynb"?"
  `);
  expect(await judge(documentWith(PATH, "../elsewhere/process.ipynb"))).toMatchInlineSnapshot(`
    "error graph/outside-project  PIPELINE.md, line 26:1
      notebook: ../elsewhere/process.ipynb
      ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
      The notebook of stage "process" lies outside the project: ../elsewhere/process.ipynb
      Hint: move it into the project, or install it as a package; only data may lie anywhere."
  `);
});

test("an import leads to no file", async () => {
  expect(
    await judge({
      [PATH]: processing({ imports: `${IMPORTS}\nimport { mean } from "./math";` }),
      "notebooks/schemas.ts": `export * from "./listing.js";`,
    }),
  ).toMatchInlineSnapshot(`
    "error graph/missing-module  notebooks/process.ipynb, cell 2 (imports), line 3:23
      import { mean } from "./math";
                            ~~~~~~
      The import "./math" leads to no file.
      Hint: write the ending too: "./math.ts".

    error graph/missing-module  notebooks/schemas.ts, line 1
      export * from "./listing.js";
      The import "./listing.js" leads to no file.
      Hint: is it "./listing.ts"?"
  `);
});

test("a module outside the project is refused", async () => {
  expect(
    await judge({
      [PATH]: processing({
        imports: `${IMPORTS}\nimport { createRequire } from "node:module";\nimport "${new URL("../../core/json.ts", import.meta.url).href}";`,
      }),
    }),
  ).toContain(
    "error graph/outside-project  notebooks/process.ipynb\n  This notebook imports a module outside the project: ../",
  );
});

test("the diagram does not show the stages as they are wired", async () => {
  expect(await judge(documentWith("  collect --> process\n", "  process --> collect\n")))
    .toMatchInlineSnapshot(`
      "warning document/diagram-stale  PIPELINE.md, line 9:1
        \`\`\`mermaid
        ~~~~~~~~~~
        The diagram does not show the stages as they are wired.
        Hint: \`npx steplab lint --fix\` draws it again."
    `);
});

test("several stages may use one notebook with other parameters", async () => {
  const second = `${DOCUMENT.replace(/```mermaid[^`]*```/, "")}
## Process again

\`\`\`yaml stage
name: process-cheap
notebook: notebooks/process.ipynb
inputs: { listings: process.kept }
params: { minPrice: 1 }
\`\`\`
`;
  expect(await judge({ "PIPELINE.md": second })).toBe("");
});

test("a link inside the project that leads out of it is refused like a path that does", async () => {
  await using outside = await projectWith({});
  await using project = await projectWith({ [PATH]: null });
  await symlink(outside.path(PATH), project.path(PATH));
  const { diagnostics } = await lint(project.root, { types: false, cacheDir: null });
  expect(diagnostics.map(({ code, at }) => [code, at.line])).toEqual([
    ["graph/outside-project", 26],
  ]);
});

test("one notebook has one name, however its path is written", async () => {
  expect(await judge(documentWith(PATH, "./notebooks/../notebooks//process.ipynb"))).toBe("");
});

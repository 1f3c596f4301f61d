import { expect, test } from "vitest";
import { codeCell, withCells, type Notebook } from "../../core/notebook/index.ts";
import { collect, IMPORTS, judge, processing, soundFiles } from "./sound-project.ts";

const PATH = "notebooks/process.ipynb";
const judgeProcess = (notebook: Notebook) => judge({ [PATH]: notebook });

test("a sound project has no findings", async () => {
  expect(await judge({}, { types: true })).toBe("");
});

test("a slot that the template requires is missing", async () => {
  expect(await judgeProcess(processing({ description: "" }))).toMatchInlineSnapshot(`
    "error structure/slot-missing  notebooks/process.ipynb
      The slot "description" is missing, which template "process" requires: say what is dropped or changed and why; a reviewer decides by this text.
      Hint: tag its cell \`description\`, or let \`npx steplab lint --fix\` put the slot back."
  `);
});

test("a slot that may stand once stands twice", async () => {
  const notebook = processing();
  const twice = withCells(
    notebook,
    notebook.cells.toSpliced(
      2,
      0,
      codeCell(`import { join } from "node:path";`, { slot: "imports" }),
    ),
  );
  expect(await judgeProcess(twice)).toMatchInlineSnapshot(`
    "error structure/slot-repeated  notebooks/process.ipynb, cell 3 (imports)
      The slot "imports" may stand once; cell 2 fills it already.
      Hint: join the two cells, or take the tag off this one."
  `);
});

test("a slot stands at another place than in the template", async () => {
  const { cells, ...rest } = processing();
  const [description, imports, parameters, inputs, outputs, ...others] = cells as [
    Notebook["cells"][0],
    Notebook["cells"][0],
    Notebook["cells"][0],
    Notebook["cells"][0],
    Notebook["cells"][0],
  ]; // the builder makes these five first
  const moved = withCells({ cells, ...rest }, [
    description,
    imports,
    inputs,
    parameters,
    outputs,
    ...others,
  ]);
  expect(await judgeProcess(moved)).toMatchInlineSnapshot(`
    "error structure/slot-order  notebooks/process.ipynb, cell 4 (parameters)
      The slot "parameters" stands after "inputs" (cell 3); template "process" has it before.
      Hint: move this cell above cell 3."
  `);
});

test("the body's code stands before the declarations it needs", async () => {
  const notebook = processing();
  const moved = withCells(notebook, notebook.cells.toSpliced(2, 0, codeCell("const early = 1;")));
  expect(await judgeProcess(moved)).toMatchInlineSnapshot(`
    "error structure/slot-order  notebooks/process.ipynb, cell 4 (parameters)
      The slot "parameters" stands after the body's code (cell 3); template "process" has it before.
      Hint: move this cell above cell 3.

    error structure/slot-order  notebooks/process.ipynb, cell 5 (inputs)
      The slot "inputs" stands after the body's code (cell 3); template "process" has it before.
      Hint: move this cell above cell 3.

    error structure/slot-order  notebooks/process.ipynb, cell 6 (outputs)
      The slot "outputs" stands after the body's code (cell 3); template "process" has it before.
      Hint: move this cell above cell 3."
  `);
});

test("prose may stand anywhere, and checks among the body's cells", async () => {
  const notebook = processing();
  const cells = [...notebook.cells, codeCell("const after = kept.numRows();", { id: "after" })];
  expect(await judgeProcess(withCells(notebook, cells))).toBe("");
});

test("a slot's cell is of the wrong type", async () => {
  const notebook = processing();
  const cells = notebook.cells.map((cell) =>
    cell.slot === "description" ? { ...cell, type: "code" as const, source: "1" } : cell,
  );
  expect(await judgeProcess(withCells(notebook, cells))).toMatchInlineSnapshot(`
    "error structure/slot-kind  notebooks/process.ipynb, cell 1 (description)
      The slot "description" is for markdown; this is a code cell."
  `);
});

test("a notebook names a template that does not exist", async () => {
  expect(await judgeProcess(processing({ template: "proces" }))).toMatchInlineSnapshot(`
    "error structure/unknown-template  notebooks/process.ipynb
      There is no template "proces".
      Hint: did you mean "process"?"
  `);
});

test("a stage's notebook names no template", async () => {
  const notebook = processing();
  const { steplab: _template, ...metadata } = notebook.metadata;
  expect(await judgeProcess({ ...notebook, metadata })).toMatchInlineSnapshot(`
    "error structure/unknown-template  notebooks/process.ipynb
      This notebook names no template.
      Hint: set \`"steplab": { "template": … }\` in its metadata: build, collect, deploy, explore, process, train, validate."
  `);
});

test("a source notebook was saved with outputs", async () => {
  const notebook = processing();
  const cells = notebook.cells.map((cell) =>
    cell.id === "body-1"
      ? {
          ...cell,
          executionCount: 3,
          outputs: [{ output_type: "stream" as const, name: "stdout" as const, text: "hello\n" }],
        }
      : cell,
  );
  expect(await judgeProcess(withCells(notebook, cells))).toMatchInlineSnapshot(`
    "warning structure/saved-outputs  notebooks/process.ipynb, cell 6
      This notebook was saved with the outputs of 1 cell; a source notebook holds none.
      Hint: \`npx steplab lint --fix\` clears them."
  `);
});

test("an executed copy stands where the source belongs", async () => {
  const notebook = processing();
  const injected = codeCell(`import { inject } from "steplab";\ninject({ minPrice: 5 });`, {
    slot: "injected-parameters",
  });
  expect(await judgeProcess(withCells(notebook, notebook.cells.toSpliced(2, 0, injected))))
    .toMatchInlineSnapshot(`
    "error structure/saved-outputs  notebooks/process.ipynb, cell 3 (injected-parameters)
      This is an executed copy: it holds injected parameters, which would override PIPELINE.md.
      Hint: \`npx steplab lint --fix\` takes the cell out."
  `);
});

test("a notebook is set to another kernel", async () => {
  const notebook = processing();
  const metadata = {
    ...notebook.metadata,
    kernelspec: { name: "python3", display_name: "Python 3" },
  };
  expect(await judgeProcess({ ...notebook, metadata })).toMatchInlineSnapshot(`
    "error structure/wrong-kernel  notebooks/process.ipynb
      This notebook is set to the kernel "python3".
      Hint: choose the kernel \`steplab\` in JupyterLab, or run \`npx steplab lint --fix\`."
  `);
});

test("the tslab kernel stays selectable", async () => {
  const notebook = processing();
  const metadata = {
    ...notebook.metadata,
    kernelspec: { name: "tslab", display_name: "TypeScript" },
  };
  expect(await judgeProcess({ ...notebook, metadata })).toBe("");
});

test("a cell that the project's own template fixes was edited, and one lost its lock", async () => {
  const template = processing();
  const cells = template.cells.map((cell) => {
    const fixed = cell.slot === "imports";
    const slot = {
      name: cell.slot ?? "body",
      required: cell.slot !== null,
      repeat: cell.slot === "checks" || cell.slot === null,
    };
    return {
      ...cell,
      metadata: { ...cell.metadata, ...(fixed && { editable: false }), steplab: { slot } },
    };
  });
  const metadata = { ...template.metadata, steplab: { template: { name: "house" } } };
  const edited = processing({
    template: "house",
    imports: `import { Listing } from "./schemas.ts";\nimport { z, a, check, inputs, outputs, parameters } from "steplab";`,
  });
  expect(
    await judge({
      "templates/house.ipynb": { ...withCells(template, cells), metadata },
      [PATH]: edited,
    }),
  ).toMatchInlineSnapshot(`
    "error structure/locked-cell-edited  notebooks/process.ipynb, cell 2 (imports), line 1:1
      import { Listing } from "./schemas.ts";
      ~
      Template "house" fixes this cell, and it was edited.
      Hint: \`npx steplab lint --fix\` restores it; what is yours belongs in another cell.

    warning structure/lock-missing  notebooks/process.ipynb, cell 2 (imports)
      The cell of slot "imports" is not locked: \`editable\` is not false, as template "house" sets it.
      Hint: JupyterLab keeps locked cells from being lost; \`npx steplab lint --fix\` sets it."
  `);
});

test("a notebook written by hand, without any lock, is told so once", async () => {
  const template = processing();
  const cells = template.cells.map((cell) => {
    const slot = {
      name: cell.slot ?? "body",
      required: cell.slot !== null,
      repeat: cell.slot === "checks" || cell.slot === null,
    };
    return { ...cell, metadata: { ...cell.metadata, deletable: false, steplab: { slot } } };
  });
  const metadata = { ...template.metadata, steplab: { template: { name: "house" } } };
  const locked = processing({ template: "house" });
  const byHand = withCells(
    locked,
    locked.cells.map(({ metadata: { deletable: _lock, ...rest }, ...cell }) => ({
      ...cell,
      metadata: rest,
    })),
  );
  expect(
    await judge({
      "templates/house.ipynb": { ...withCells(template, cells), metadata },
      [PATH]: byHand,
    }),
  ).toMatchInlineSnapshot(`
    "warning structure/lock-missing  notebooks/process.ipynb
      The cells of these slots are not locked as template "house" locks them: "description", "imports", "parameters", "inputs", "outputs", "checks".
      Hint: JupyterLab keeps locked cells from being lost; \`npx steplab lint --fix\` sets it."
  `);
});

test("a top-level name hides one of Node's globals", async () => {
  expect(
    await judgeProcess(
      processing({
        imports: `import { z, a, check, inputs, outputs, parameters } from "steplab";
import { Listing } from "./schemas.ts";
import process from "node:process";`,
        body: [
          `const { performance, now: Buffer } = { performance: 1, now: process.pid };`,
          `{ const fetch = 1; }\nawait output.kept.write(await input.listings.read());`,
        ],
        checks: `check("ok", performance === 1);`,
      }),
    ),
  ).toMatchInlineSnapshot(`
    "error structure/shadowed-global  notebooks/process.ipynb, cell 6, line 1:9
      const { performance, now: Buffer } = { performance: 1, now: process.pid };
              ~~~~~~~~~~~
      The name "performance" is Node's own; declared at the top of a cell it hides Node's from every module that runs here.
      Hint: choose another name, or declare it inside a function or block.

    error structure/shadowed-global  notebooks/process.ipynb, cell 6, line 1:27
      const { performance, now: Buffer } = { performance: 1, now: process.pid };
                                ~~~~~~
      The name "Buffer" is Node's own; declared at the top of a cell it hides Node's from every module that runs here.
      Hint: choose another name, or declare it inside a function or block."
  `);
});

test("a name is declared in two cells of a stage, which is a warning in exploration", async () => {
  const body = ["const rows = 1;", "function rows() {}\ntype Rows = 1;", "interface Rows {}"];
  const exploration = processing({
    template: "explore",
    imports: IMPORTS.replace("./schemas.ts", "../schemas.ts"),
    inputs: `const input = inputs({ listings: a.table(Listing).from("collect.listings") });`,
    body: ["let x = 1;", "let x = 2;"],
    checks: "",
  });
  expect(
    await judge({
      "notebooks/collect.ipynb": collect({
        body: ["await output.listings.write(input.delivery.csv(Listing));", ...body],
      }),
      "notebooks/explore/look.ipynb": exploration,
    }),
  ).toMatchInlineSnapshot(`
    "error types/redeclared  notebooks/collect.ipynb, cell 8, line 1:10
      function rows() {}
               ~~~~
      "rows" is declared in cell 7 already; a notebook is one module.
      Hint: give it a name of its own, or wrap the cell in a block: { … }.

    error types/redeclared  notebooks/collect.ipynb, cell 9, line 1:11
      interface Rows {}
                ~~~~
      "Rows" is declared in cell 8 already; a notebook is one module.
      Hint: give it a name of its own, or wrap the cell in a block: { … }.

    warning types/redeclared  notebooks/explore/look.ipynb, cell 7, line 1:5
      let x = 2;
          ~
      "x" is declared in cell 6 already; a notebook is one module.
      Hint: give it a name of its own, or wrap the cell in a block: { … }."
  `);
});

test("a cell is not valid TypeScript", async () => {
  expect(
    await judgeProcess(
      processing({ body: "await output.kept.write(await input.listings.read();" }),
    ),
  ).toMatchInlineSnapshot(`
    "error structure/syntax  notebooks/process.ipynb, cell 6, line 1:52
      await output.kept.write(await input.listings.read();
                                                         ~
      This is not valid TypeScript: Expected \`,\` or \`)\` but found \`;\`."
  `);
});

test("scratch cells are nobody's business", async () => {
  expect(await judgeProcess(processing({ scratch: "const kept = Date.now(" }))).toBe("");
});

test("a stage does what its template requires: checks, metrics, outputs of a kind", async () => {
  expect(await judgeProcess(processing({ checks: "kept.numRows();" }))).toMatchInlineSnapshot(`
    "error structure/template-requires  notebooks/process.ipynb, cell 7 (checks)
      A "process" stage makes at least one check; this one makes none.
      Hint: \`check("what must hold", condition)\` in the checks cell."
  `);
  expect(await judgeProcess(processing({ template: "train" }))).toMatchInlineSnapshot(`
    "error structure/template-requires  notebooks/process.ipynb, cell 5 (outputs)
      A "train" stage declares at least one metric; this one declares none.
      Hint: add one to the outputs: \`validMae: a.metric({ goal: "min", unit: "USD" })\`.

    error structure/template-requires  notebooks/process.ipynb, cell 5 (outputs)
      A "train" stage has an output of kind \`a.model\`; this one has none.
      Hint: add it to the outputs, or choose another template."
  `);
});

test("a stage that writes no table, but a report or pictures, follows the same templates", async () => {
  const outputs = (ports: string): string => `const output = outputs({ ${ports} });`;
  const body = 'await output.report.write("# All well");';
  const kept = "const kept = (await input.listings.read()).filter(() => true);";
  const report = processing({
    outputs: outputs('report: a.file({ media: "text/markdown" })'),
    body: `${kept}\n${body}`,
  });
  expect(await judgeProcess(report)).toBe("");
  const metric = processing({
    outputs: outputs('share: a.metric({ goal: "max" })'),
    body: `${kept}\noutput.share.write(1);`,
  });
  expect(await judgeProcess(metric)).toMatchInlineSnapshot(`
    "error structure/template-requires  notebooks/process.ipynb, cell 5 (outputs)
      A "process" stage has an output of kind \`a.table\`, \`a.folder\`, \`a.file\` or \`a.json\`; this one has none.
      Hint: add it to the outputs, or choose another template."
  `);
});

test("a notebook that is no steplab notebook is left alone", async () => {
  const { metadata: _ours, ...other } = collect({ body: "%pip install x" });
  const files = { "analysis/other.ipynb": { ...other, metadata: {} } };
  expect(Object.keys(soundFiles())).not.toContain("analysis/other.ipynb");
  expect(await judge(files)).toBe("");
});

test("an executed copy taken out of the archive is left alone: it is a result, no source", async () => {
  const source = collect({ body: "%pip install x" });
  const marks = { ...source.metadata.steplab, run: "2026-11-21T010203Z-6f3a", stage: "collect" };
  const executed = { ...source, metadata: { ...source.metadata, steplab: marks } };
  expect(await judge({ "review/collect.ipynb": executed })).toBe("");
  expect(await judge({ "review/collect.ipynb": source })).not.toBe("");
});

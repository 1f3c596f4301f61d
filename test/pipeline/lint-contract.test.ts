import { expect, test } from "vitest";
import { collect, documentWith, IMPORTS, judge, processing } from "./sound-project.ts";

const PATH = "notebooks/process.ipynb";

test("an input is declared that PIPELINE.md does not wire", async () => {
  expect(
    await judge(documentWith("inputs: { listings: collect.listings }\n", "after: [collect]\n")),
  ).toMatchInlineSnapshot(`
    "error contract/input-unwired  notebooks/process.ipynb, cell 4 (inputs), line 1:24
      const input = inputs({ listings: a.table(Listing) });
                             ~~~~~~~~
      This stage reads "listings", but PIPELINE.md does not say where it comes from.
      Hint: add \`listings: <stage>.<output>\` under \`inputs\` of stage "process".

    warning document/diagram-stale  PIPELINE.md, line 9:1
      \`\`\`mermaid
      ~~~~~~~~~~
      The diagram does not show the stages as they are wired.
      Hint: \`npx steplab lint --fix\` draws it again."
  `);
});

test("PIPELINE.md wires an input that the notebook does not declare", async () => {
  expect(
    await judge(
      documentWith(
        "{ listings: collect.listings }",
        "{ listings: collect.listings, listing: collect.listings }",
      ),
    ),
  ).toMatchInlineSnapshot(`
    "error contract/unknown-input  PIPELINE.md, line 27:39
      inputs: { listings: collect.listings, listing: collect.listings }
                                            ~~~~~~~~~~~~~~~~~~~~~~~~~
      The notebook of stage "process" declares no input "listing".
      Hint: did you mean "listings"?"
  `);
});

test("an input is never read, and an output never written", async () => {
  expect(
    await judge({
      [PATH]: processing({
        body: "const kept: { price: number }[] = [];",
        checks: `check("none", kept.length === 0);`,
      }),
    }),
  ).toMatchInlineSnapshot(`
    "error contract/output-unwritten  notebooks/process.ipynb, cell 5 (outputs), line 1:26
      const output = outputs({ kept: a.table(Listing) });
                               ~~~~
      The output "kept" is never written, so the stage would end without it.
      Hint: write it: \`await output.kept.write(…)\`, or take it out of the declaration.

    warning contract/input-unread  notebooks/process.ipynb, cell 4 (inputs), line 1:24
      const input = inputs({ listings: a.table(Listing) });
                             ~~~~~~~~
      The input "listings" is never read.
      Hint: read it, or take it out here and in PIPELINE.md."
  `);
});

test("an input that is passed on whole counts as read", async () => {
  const body = `const { listings } = input;
const send = async (to: typeof output) => to.kept.write(listings);
await send(output);
const kept = await listings.read();`;
  expect(await judge({ [PATH]: processing({ body }) })).toBe("");
});

test("a declaration cell holds more than its declaration", async () => {
  expect(
    await judge({
      [PATH]: processing({
        imports: `${IMPORTS}\nconst early = 1;`,
        parameters: `const limit = 10;\nconst params = parameters({ minPrice: z.number().default(limit) });`,
        inputs: `let input = inputs({ listings: a.table(Listing) });`,
        outputs: `const ports = { kept: a.table(Listing) };`,
      }),
    }),
  ).toMatchInlineSnapshot(`
    "error contract/not-a-declaration  notebooks/process.ipynb, cell 2 (imports), line 3:1
      const early = 1;
      ~~~~~~~~~~~~~~~~
      The imports cell holds import declarations only.
      Hint: move this to a cell below the outputs; a schema that the inputs or outputs name goes into a module.

    error contract/not-a-declaration  notebooks/process.ipynb, cell 3 (parameters), line 2:1
      const params = parameters({ minPrice: z.number().default(limit) });
      ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
      This cell must hold nothing but \`const params = parameters({ … })\`; this statement is one too many.

    error contract/not-a-declaration  notebooks/process.ipynb, cell 4 (inputs), line 1:1
      let input = inputs({ listings: a.table(Listing) });
      ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
      This cell must hold one declaration, \`const input = inputs({ … })\`, and nothing else.

    error structure/template-requires  notebooks/process.ipynb, cell 5 (outputs)
      A "process" stage has an output of kind \`a.table\`, \`a.folder\`, \`a.file\` or \`a.json\`; this one has none.
      Hint: add it to the outputs, or choose another template.

    error contract/not-a-declaration  notebooks/process.ipynb, cell 5 (outputs), line 1:1
      const ports = { kept: a.table(Listing) };
      ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
      This declaration must be a call of \`outputs\`: \`const output = outputs({ … })\`."
  `);
});

test("a declaration must be readable without running it", async () => {
  expect(
    await judge({
      [PATH]: processing({
        parameters: `const params = parameters({ ...{}, minPrice: z.number().default(10) });`,
        inputs: `const input = inputs(Object.assign({ listings: a.table(Listing) }));`,
      }),
    }),
  ).toMatchInlineSnapshot(`
    "error contract/not-a-declaration  notebooks/process.ipynb, cell 3 (parameters), line 1:29
      const params = parameters({ ...{}, minPrice: z.number().default(10) });
                                  ~~~~~
      Names must be written out here: no spread and no computed names.

    error contract/not-a-declaration  notebooks/process.ipynb, cell 4 (inputs), line 1:22
      const input = inputs(Object.assign({ listings: a.table(Listing) }));
                           ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
      \`inputs\` takes one object written here, so that it can be read without running it."
  `);
});

test("a declaration throws", async () => {
  expect(
    await judge({
      [PATH]: processing({
        outputs: `const output = outputs({\n  kept: a.table(Listing.omit({ prise: true } as never)),\n});`,
      }),
      "notebooks/schemas.ts": `import { z } from "zod";\nexport const Listing: z.ZodObject<{ id: z.ZodInt; price: z.ZodNumber }> = z.object({ id: z.int(), price: z.number() });`,
    }),
  ).toMatchInlineSnapshot(`
    "error contract/declaration-failed  notebooks/process.ipynb, cell 5 (outputs), line 2:25
      kept: a.table(Listing.omit({ prise: true } as never)),
                            ~
      Error: Unrecognized key: "prise""
  `);
});

test("a name that the archive and PIPELINE.md could not hold, and columns that no file could", async () => {
  const outputs = `const output = outputs({ "../kept": a.json(z.int()) });`;
  const inputs = `const input = inputs({ listings: a.table(z.object({ id: z.int(), ID: z.int() })) });`;
  expect(await judge({ [PATH]: processing({ outputs }) })).toContain(
    `"../kept" cannot be the name of an output.\n  Hint: Use letters, digits, _ and $, not beginning with a digit.`,
  );
  expect(await judge({ [PATH]: processing({ inputs }) })).toContain(
    `Columns "id" and "ID" differ in capitals only.`,
  );
});

test("a module that declarations import throws, and is named with its line", async () => {
  expect(
    await judge({
      "notebooks/schemas.ts": `import { z } from "zod";

enum Borough { Bronx = "Bronx" } // enums work as in cells

export const Listing = z.object({ id: z.int(), price: z.number(), borough: z.enum(Borough) });
throw new Error("no schema today");
`,
    }),
  ).toMatchInlineSnapshot(`
    "error contract/declaration-failed  notebooks/schemas.ts, line 6:7
      throw new Error("no schema today");
            ~
      Error: no schema today"
  `);
});

test("an import names what the module does not export, or a package that is not installed", async () => {
  expect(
    await judge({
      "notebooks/collect.ipynb": collect({
        imports: `${IMPORTS}\nimport { Borough } from "./schemas.ts";`,
      }),
      [PATH]: processing({ imports: `${IMPORTS}\nimport { mean } from "simple-statistics";` }),
    }),
  ).toMatchInlineSnapshot(`
    "error contract/declaration-failed  notebooks/collect.ipynb, cell 2 (imports), line 3:10
      import { Borough } from "./schemas.ts";
               ~~~~~~~
      "./schemas.ts" exports no "Borough".

    error contract/declaration-failed  notebooks/process.ipynb, cell 2 (imports), line 3:23
      import { mean } from "simple-statistics";
                            ~~~~~~~~~~~~~~~~~
      Package "simple-statistics" is not installed.
      Hint: npm install --save-exact simple-statistics"
  `);
});

test("declarations may not write, reach the network or start processes", async () => {
  expect(
    await judge({
      "notebooks/collect.ipynb": collect({ imports: `${IMPORTS}\nimport "./writes.ts";` }),
      "notebooks/writes.ts": `import { writeFileSync } from "node:fs";\nwriteFileSync("stolen", "x");`,
      [PATH]: processing({ imports: `${IMPORTS}\nimport "./fetches.ts";` }),
      "notebooks/fetches.ts": `await fetch("http://127.0.0.1:8080/");`,
    }),
  ).toMatchInlineSnapshot(`
    "error contract/declaration-failed  notebooks/process.ipynb, cell 3 (parameters)
      A declaration, or a module that it imports, reaches for the network while it is evaluated.
      Hint: declarations run before the chain does, so they may only read files: move this into a body cell or a function.

    error contract/declaration-failed  notebooks/writes.ts, line 2:1
      writeFileSync("stolen", "x");
      ~
      A declaration, or a module that it imports, writes a file while it is evaluated.
      Hint: declarations run before the chain does, so they may only read files: move this into a body cell or a function."
  `);
});

test("declarations that hang, wait for nothing or end the process cost only their own notebook", async () => {
  const { "PIPELINE.md": wired } = documentWith(
    "## Process",
    ["hangs", "waits", "exits"]
      .map(
        (name) =>
          `## ${name}\n\n\`\`\`yaml stage\nname: ${name}\nnotebook: notebooks/${name}.ipynb\ninputs: { listings: collect.listings }\n\`\`\`\n\n`,
      )
      .join("") + "## Process",
  );
  const text = await judge(
    {
      "PIPELINE.md": wired.replace(/```mermaid[^`]*```/, ""),
      "test/stages.test.ts": `collect.ipynb notebooks/collect.ipynb notebooks/hangs.ipynb notebooks/waits.ipynb notebooks/exits.ipynb ${PATH}`,
      "notebooks/hangs.ipynb": processing({ imports: `${IMPORTS}\nimport "./hang.ts";` }),
      "notebooks/waits.ipynb": processing({ imports: `${IMPORTS}\nimport "./wait.ts";` }),
      "notebooks/exits.ipynb": processing({ imports: `${IMPORTS}\nimport "./exit.ts";` }),
      "notebooks/hang.ts": "for (;;);",
      "notebooks/wait.ts": "await new Promise(() => {});",
      "notebooks/exit.ts": "process.exit(3);",
    },
    { declareLimitMs: 2000 },
  );
  expect(text).toMatchInlineSnapshot(`
    "error contract/declaration-timeout  notebooks/hangs.ipynb, cell 3 (parameters)
      The declarations of this notebook did not finish within 2 seconds.
      Hint: they run alone, before the chain does: take loops and waiting out of them and of the modules they import. Was the machine very busy, lint again.

    error contract/declaration-timeout  notebooks/waits.ipynb, cell 3 (parameters)
      The declarations of this notebook wait for something that never comes.
      Hint: they run alone, before the chain does: take waiting out of them and of the modules they import.

    error contract/declaration-timeout  notebooks/exits.ipynb, cell 3 (parameters)
      The declarations of this notebook ended their process (exit code 3).
      Hint: take process.exit and the like out of them and of the modules they import."
  `);
});

test("PIPELINE.md sets a parameter that is unknown, out of range, or of another type", async () => {
  expect(await judge(documentWith("minPrice: $minPrice }", "minprice: 3 }")))
    .toMatchInlineSnapshot(`
    "error contract/unknown-parameter  PIPELINE.md, line 28:11
      params: { minprice: 3 }
                ~~~~~~~~~~~
      The notebook of stage "process" declares no parameter "minprice".
      Hint: did you mean "minPrice"?"
  `);
  expect(await judge(documentWith("minPrice: $minPrice }", "minPrice: -1 }")))
    .toMatchInlineSnapshot(`
    "error contract/invalid-parameter  PIPELINE.md, line 28:11
      params: { minPrice: -1 }
                ~~~~~~~~~~~~
      Parameter "minPrice" of stage "process": -1 is too small; it must be a number above 0.
      notebooks/process.ipynb, cell 3 (parameters), line 2:3: the parameter is declared here
        minPrice: z.number().positive().default(10).describe("lowest price kept, USD"),
        ~~~~~~~~"
  `);
  expect(await judge(documentWith("minPrice: $minPrice }", "minPrice: many }")))
    .toMatchInlineSnapshot(`
    "error contract/invalid-parameter  PIPELINE.md, line 28:11
      params: { minPrice: many }
                ~~~~~~~~~~~~~~
      Parameter "minPrice" of stage "process": "many" is not a number above 0.
      notebooks/process.ipynb, cell 3 (parameters), line 2:3: the parameter is declared here
        minPrice: z.number().positive().default(10).describe("lowest price kept, USD"),
        ~~~~~~~~"
  `);
});

test("a parameter without a default needs a value, which the command line may give", async () => {
  const notebook = processing({
    parameters: `const params = parameters({ minPrice: z.number(), note: z.string() });`,
  });
  expect(await judge({ [PATH]: notebook })).toMatchInlineSnapshot(`
    "error contract/invalid-parameter  PIPELINE.md, line 28:1
      params: { minPrice: $minPrice }
      ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
      Parameter "note" of stage "process": No value is given, and there is no default; it must be text.
      Hint: add \`note: …\` under \`params\` of stage "process".
      notebooks/process.ipynb, cell 3 (parameters), line 1:51: the parameter is declared here
        const params = parameters({ minPrice: z.number(), note: z.string() });
                                                          ~~~~"
  `);
  expect(await judge({ [PATH]: notebook }, { stageParams: { process: { note: "x" } } })).toBe("");
});

test("what is written does not fit what is read, column by column", async () => {
  expect(
    await judge({
      [PATH]: processing({
        inputs: `const input = inputs({
  listings: a.table(z.object({ id: z.string(), price: z.number().min(10), borough: z.enum(["Bronx"]), rooms: z.int() })),
});`,
        outputs: `const output = outputs({ kept: a.table(z.object({ id: z.string(), price: z.number(), borough: z.string(), rooms: z.int() })) });`,
      }),
    }),
  ).toMatchInlineSnapshot(`
    "error contract/incompatible  notebooks/process.ipynb, cell 4 (inputs), line 2:3
      listings: a.table(z.object({ id: z.string(), price: z.number().min(10), borough: z.enum(["Bronx"]), …
      ~~~~~~~~
      Stage "process" cannot read "listings" of stage "collect" as "listings": column "id" is written as a whole number, and read as text.
      Hint: make both ends use one schema, or convert in the stage between them.
      notebooks/collect.ipynb, cell 5 (outputs), line 1:26: written here
        const output = outputs({ listings: a.table(Listing) });
                                 ~~~~~~~~
      PIPELINE.md, line 27:11: wired here
        inputs: { listings: collect.listings }
                  ~~~~~~~~~~~~~~~~~~~~~~~~~~

    error contract/incompatible  notebooks/process.ipynb, cell 4 (inputs), line 2:3
      listings: a.table(z.object({ id: z.string(), price: z.number().min(10), borough: z.enum(["Bronx"]), …
      ~~~~~~~~
      Stage "process" cannot read "listings" of stage "collect" as "listings": column "price" is written as a number, and read as a number of at least 10.
      Hint: make both ends use one schema, or convert in the stage between them.
      notebooks/collect.ipynb, cell 5 (outputs), line 1:26: written here
        const output = outputs({ listings: a.table(Listing) });
                                 ~~~~~~~~
      PIPELINE.md, line 27:11: wired here
        inputs: { listings: collect.listings }
                  ~~~~~~~~~~~~~~~~~~~~~~~~~~

    error contract/incompatible  notebooks/process.ipynb, cell 4 (inputs), line 2:3
      listings: a.table(z.object({ id: z.string(), price: z.number().min(10), borough: z.enum(["Bronx"]), …
      ~~~~~~~~
      Stage "process" cannot read "listings" of stage "collect" as "listings": column "borough" is written as one of "Bronx", "Queens", and read as "Bronx".
      Hint: make both ends use one schema, or convert in the stage between them.
      notebooks/collect.ipynb, cell 5 (outputs), line 1:26: written here
        const output = outputs({ listings: a.table(Listing) });
                                 ~~~~~~~~
      PIPELINE.md, line 27:11: wired here
        inputs: { listings: collect.listings }
                  ~~~~~~~~~~~~~~~~~~~~~~~~~~

    error contract/incompatible  notebooks/process.ipynb, cell 4 (inputs), line 2:3
      listings: a.table(z.object({ id: z.string(), price: z.number().min(10), borough: z.enum(["Bronx"]), …
      ~~~~~~~~
      Stage "process" cannot read "listings" of stage "collect" as "listings": column "rooms" is read and not written.
      Hint: make both ends use one schema, or convert in the stage between them.
      notebooks/collect.ipynb, cell 5 (outputs), line 1:26: written here
        const output = outputs({ listings: a.table(Listing) });
                                 ~~~~~~~~
      PIPELINE.md, line 27:11: wired here
        inputs: { listings: collect.listings }
                  ~~~~~~~~~~~~~~~~~~~~~~~~~~"
  `);
});

test("a table is read as JSON", async () => {
  expect(
    await judge({
      [PATH]: processing({
        inputs: `const input = inputs({ listings: a.json(z.object({ n: z.int() })) });`,
        outputs: `const output = outputs({ kept: a.json(z.object({ n: z.int() })) });`,
        body: "const kept = await input.listings.read();\nawait output.kept.write(kept);",
        checks: `check("some", kept.n > 0);`,
        template: "collect",
      }),
    }),
  ).toMatchInlineSnapshot(`
    "error contract/incompatible  notebooks/process.ipynb, cell 4 (inputs), line 1:24
      const input = inputs({ listings: a.json(z.object({ n: z.int() })) });
                             ~~~~~~~~
      Stage "process" cannot read "listings" of stage "collect" as "listings": it is written as a table and read as JSON.
      Hint: make both ends use one schema, or convert in the stage between them.
      notebooks/collect.ipynb, cell 5 (outputs), line 1:26: written here
        const output = outputs({ listings: a.table(Listing) });
                                 ~~~~~~~~
      PIPELINE.md, line 27:11: wired here
        inputs: { listings: collect.listings }
                  ~~~~~~~~~~~~~~~~~~~~~~~~~~"
  `);
});

test("a notebook in no chain says where its inputs come from", async () => {
  expect(
    await judge({
      "notebooks/explore/look.ipynb": processing({
        template: "explore",
        imports: IMPORTS.replace("./schemas.ts", "../schemas.ts"),
      }),
    }),
  ).toMatchInlineSnapshot(`
    "error contract/input-unwired  notebooks/explore/look.ipynb, cell 4 (inputs), line 1:24
      const input = inputs({ listings: a.table(Listing) });
                             ~~~~~~~~
      This notebook is in no chain, so its input "listings" must say where it comes from.
      Hint: write \`.from("<stage>.<output>")\` behind it."
  `);
});

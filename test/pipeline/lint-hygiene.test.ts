import { expect, test } from "vitest";
import { collect, IMPORTS, judge, processing } from "./sound-project.ts";

const PATH = "notebooks/process.ipynb";

test("a stage reads the clock or draws unseeded values", async () => {
  const body = `const raw = await input.listings.read();
const today = new Date();
const day = new Date("2026-11-20");
const started = performance.now() + Date.now();
const id = crypto.randomUUID();
const seeded = Math.random();
const kept = raw;
await output.kept.write(kept);`;
  expect(await judge({ [PATH]: processing({ body }) })).toMatchInlineSnapshot(`
    "warning hygiene/clock  notebooks/process.ipynb, cell 6, line 2:15
      const today = new Date();
                    ~~~~~~~~~~
      \`new Date()\` reads the clock.
      Hint: take the date as a parameter, or from the data, so that a repeated run gives the same.

    warning hygiene/clock  notebooks/process.ipynb, cell 6, line 4:17
      const started = performance.now() + Date.now();
                      ~~~~~~~~~~~~~~~~~
      \`performance.now()\` reads the clock.
      Hint: take the date as a parameter, or from the data, so that a repeated run gives the same.

    warning hygiene/clock  notebooks/process.ipynb, cell 6, line 4:37
      const started = performance.now() + Date.now();
                                          ~~~~~~~~~~
      \`Date.now()\` reads the clock.
      Hint: take the date as a parameter, or from the data, so that a repeated run gives the same.

    warning hygiene/randomness  notebooks/process.ipynb, cell 6, line 5:12
      const id = crypto.randomUUID();
                 ~~~~~~~~~~~~~~~~~~~
      \`crypto.randomUUID()\` draws values that no seed decides.
      Hint: use Math.random(), which the stage's seed decides, or a digest of the data."
  `);
});

test("a query reads the clock; what it draws is seeded, and what it quotes is data", async () => {
  const body = `const kept = await input.listings.read();
const fresh = sql\`select * from \${kept} where seen > now() - interval 7 days\`;
const some = sql\`select *, 'now()' as said from \${kept} using sample 3 rows -- not now()\`;
await output.kept.write(kept);
console.log(await fresh.numRows(), await some.numRows());`;
  const imports = IMPORTS.replace("parameters }", "parameters, sql }");
  expect(await judge({ [PATH]: processing({ body, imports }) })).toMatchInlineSnapshot(`
    "warning hygiene/clock  notebooks/process.ipynb, cell 6, line 2:15
      const fresh = sql\`select * from \${kept} where seen > now() - interval 7 days\`;
                    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
      \`now()\` reads the clock.
      Hint: take the date as a parameter, or from the data, so that a repeated run gives the same."
  `);
});

test("an import's path is computed, in a cell or in a module", async () => {
  expect(
    await judge({
      [PATH]: processing({
        imports: `${IMPORTS}\nimport { load } from "./loader.ts";`,
        body: `const name = "schemas";
const module = await import(\`./\${name}.ts\`);
const fixed = await import("./schemas.ts");
await output.kept.write(input.listings);
const kept = await input.listings.read();
await load(name);`,
      }),
      "notebooks/loader.ts": `export const load = (name: string): Promise<unknown> => import(name);`,
    }),
  ).toMatchInlineSnapshot(`
    "warning hygiene/computed-import  notebooks/process.ipynb, cell 6, line 2:22
      const module = await import(\`./\${name}.ts\`);
                           ~~~~~~~~~~~~~~~~~~~~~~
      This import's path is computed, so no key can know the module's code.
      Hint: import it by a path written out, or choose among modules that are imported by name.

    warning hygiene/computed-import  notebooks/loader.ts, line 1:57
      export const load = (name: string): Promise<unknown> => import(name);
                                                              ~
      This import's path is computed, so no key can know the module's code.
      Hint: import it by a path written out, or choose among modules that are imported by name."
  `);
});

test("a table's rows have no type", async () => {
  expect(
    await judge({
      [PATH]: processing({
        imports: IMPORTS.replace(' } from "steplab"', ', type Table } from "steplab"'),
        inputs: `const input = inputs({ listings: a.table(z.object({})) });`,
        outputs: `const output = outputs({ kept: a.table(z.object({})) });`,
        body: `const kept = (await input.listings.read()) as unknown as Table<any>;\nawait output.kept.write(kept);`,
      }),
    }),
  ).toMatchInlineSnapshot(`
    "warning hygiene/any-table  notebooks/process.ipynb, cell 4 (inputs), line 1:24
      const input = inputs({ listings: a.table(z.object({})) });
                             ~~~~~~~~
      The table "listings" has no columns, so its rows have no type.
      Hint: give \`a.table\` a schema with the columns you use.

    warning hygiene/any-table  notebooks/process.ipynb, cell 5 (outputs), line 1:26
      const output = outputs({ kept: a.table(z.object({})) });
                               ~~~~
      The table "kept" has no columns, so its rows have no type.
      Hint: give \`a.table\` a schema with the columns you use.

    warning hygiene/any-table  notebooks/process.ipynb, cell 6, line 1:58
      const kept = (await input.listings.read()) as unknown as Table<any>;
                                                               ~~~~~~~~~~
      This table's rows are \`any\`, so a wrong column name would compile.
      Hint: leave the type out: it follows from the verbs."
  `);
});

test("a stage without a test is mentioned", async () => {
  expect(await judge({ "test/stages.test.ts": `runStage("collect")` })).toMatchInlineSnapshot(`
    "information hygiene/no-test  PIPELINE.md, line 25:1
      name: process
      ~~~~~~~~~~~~~
      No test runs stage "process".
      Hint: \`await runStage("process", { inputs, params })\` from "steplab/testing" makes it a unit under test."
  `);
});

test("code that stands in two notebooks is mentioned; short cells, comments and the same notebook are not", async () => {
  const copied = `const low = 1;
const middle = 2;
const high = 3;
console.log(low, middle);
console.log(high);`;
  const written = `const kept = await input.listings.read();\nawait output.kept.write(kept);`;
  const found = await judge({
    "notebooks/collect.ipynb": collect({
      body: [
        `const delivery = input.delivery.csv(Listing);\nawait output.listings.write(delivery);`,
        copied,
      ],
    }),
    [PATH]: processing({ body: [written, `// the same\n${copied}`] }),
  });
  expect(found).toMatchInlineSnapshot(`
    "information hygiene/equal-cells  notebooks/process.ipynb, cell 7
      The same code stands in notebooks/collect.ipynb, cell 7.
      Hint: move it into a module that both import: what is mended in one place is then mended in both."
  `);
});

import { expect, test } from "vitest";
import { collect, IMPORTS, judge, processing } from "./sound-project.ts";

const PATH = "notebooks/process.ipynb";
const TYPES = { types: true };

test("a wrong column name is an error on the cell, line and column where it was written", async () => {
  const body = `const raw = await input.listings.read(); // 🗽 emoji and ünïcode before the place
const naïve = "🗽"; const kept = raw.filter((d) => d.prise >= params.minPrice);
await output.kept.write(kept);`;
  expect(
    await judge(
      { [PATH]: processing({ body, checks: `check("some", kept.numRows() > 0);` }) },
      TYPES,
    ),
  ).toMatchInlineSnapshot(`
    "error types/error  notebooks/process.ipynb, cell 6, line 2:54
      const naïve = "🗽"; const kept = raw.filter((d) => d.prise >= params.minPrice);
                                                           ~~~~~
      Property 'prise' does not exist on type '{ id: number; price: number; borough: "Bronx" | "Queens"; }'. Did you mean 'price'? (TS2551)"
  `);
});

test("a column renamed by the collecting notebook is an error where it is read", async () => {
  const listing = `z.object({ id: z.int(), cost: z.number(), borough: z.enum(["Bronx", "Queens"]) })`;
  expect(
    await judge(
      {
        "notebooks/collect.ipynb": collect({
          outputs: `const output = outputs({ listings: a.table(${listing}) });`,
          body: `await output.listings.write(input.delivery.csv(${listing}));`,
        }),
      },
      TYPES,
    ),
  ).toMatchInlineSnapshot(`
    "error contract/incompatible  notebooks/process.ipynb, cell 4 (inputs), line 1:24
      const input = inputs({ listings: a.table(Listing) });
                             ~~~~~~~~
      Stage "process" cannot read "listings" of stage "collect" as "listings": column "price" is read and not written.
      Hint: make both ends use one schema, or convert in the stage between them.
      notebooks/collect.ipynb, cell 5 (outputs), line 1:26: written here
        const output = outputs({ listings: a.table(z.object({ id: z.int(), cost: z.number(), borough: z.enum…
                                 ~~~~~~~~
      PIPELINE.md, line 27:11: wired here
        inputs: { listings: collect.listings }
                  ~~~~~~~~~~~~~~~~~~~~~~~~~~"
  `);
});

test("a wire that only the compiler can judge is shown at both ends", async () => {
  const imports = (name: string) => `${IMPORTS}\nimport { ${name} } from "./report.ts";`;
  expect(
    await judge(
      {
        "notebooks/report.ts": `import { z } from "zod";
export const Written = z.object({ at: z.templateLiteral(["v", z.number()]) });
export const Read = z.object({ at: z.templateLiteral(["w", z.number()]) });
`,
        "notebooks/collect.ipynb": collect({
          imports: imports("Written"),
          outputs: `const output = outputs({ listings: a.json(Written), rows: a.table(Listing) });`,
          body: `await output.rows.write(input.delivery.csv(Listing));\nawait output.listings.write({ at: "v1" });`,
        }),
        [PATH]: processing({
          imports: imports("Read"),
          inputs: `const input = inputs({ listings: a.json(Read) });`,
          body: `const read = await input.listings.read();
const kept: z.infer<typeof Listing>[] = [{ id: read.at.length, price: 1, borough: "Bronx" }];
await output.kept.write(kept);`,
          checks: `check("one", kept.length === 1);`,
        }),
      },
      TYPES,
    ),
  ).toMatchInlineSnapshot(`
    "error types/wire  notebooks/process.ipynb, cell 4 (inputs), line 1:24
      const input = inputs({ listings: a.json(Read) });
                             ~~~~~~~~
      Stage "process" reads "listings" of stage "collect" as another type: Type '{ at: \`v\${number}\`; }' is not assignable to type '{ at: \`w\${number}\`; }'.
      Types of property 'at' are incompatible.
      Type '\`v\${number}\`' is not assignable to type '\`w\${number}\`'.
      Hint: make both ends use one schema, or convert in the stage between them.
      notebooks/collect.ipynb, cell 5 (outputs), line 1:26: written here
        const output = outputs({ listings: a.json(Written), rows: a.table(Listing) });
                                 ~~~~~~~~
      PIPELINE.md, line 27:11: wired here
        inputs: { listings: collect.listings }
                  ~~~~~~~~~~~~~~~~~~~~~~~~~~"
  `);
});

test("an error in a module that notebooks import is shown in the module", async () => {
  expect(
    await judge(
      {
        "notebooks/helper.ts": `/** Ünïcode before the place. */\nexport const mean = (values: number[]): string => values[0];\n`,
        [PATH]: processing({ imports: `${IMPORTS}\nimport { mean } from "./helper.ts";` }),
      },
      TYPES,
    ),
  ).toMatchInlineSnapshot(`
    "error types/error  notebooks/helper.ts, line 2:51
      export const mean = (values: number[]): string => values[0];
                                                        ~~~~~~~~~
      Type 'number | undefined' is not assignable to type 'string'.
      Type 'undefined' is not assignable to type 'string'. (TS2322)"
  `);
});

test("what is legal in cells is no error: results, enums, top-level await, unused names, later cells", async () => {
  const body = [
    "enum Size { Small, Large }\nconst sizes = [Size.Small, Size.Large]",
    "[1, 2].map((n) => n + sizes.length)",
    "(await input.listings.read()).numRows()",
    "const raw = await input.listings.read()\nconst unused = 1;\nraw",
    "await output.kept.write(raw.filter((d) => d.price >= params.minPrice));\nconst kept = raw;",
  ];
  expect(await judge({ [PATH]: processing({ body }) }, TYPES)).toBe("");
});

test("the project's own tsconfig.json decides how strict the compiler is", async () => {
  const files = {
    [PATH]: processing({
      body: `const raw = await input.listings.read();
const kept = raw;
const first = raw.array("price")[0];
const half = (first as any) / 2 + [1, 2][5];
await output.kept.write(kept);`,
    }),
  };
  const strict = await judge(files, TYPES);
  expect(strict).toContain("Object is possibly 'undefined'. (TS2532)");
  const loose = `{ "compilerOptions": { "strict": true, "target": "esnext", "module": "nodenext", "skipLibCheck": true, "types": ["node"] } }`;
  expect(await judge({ ...files, "tsconfig.json": loose }, TYPES)).toBe("");
});

test("names declared twice are said once, in words that fit notebooks", async () => {
  const text = await judge(
    {
      [PATH]: processing({
        body: [
          "const raw = await input.listings.read();",
          "const kept = raw;",
          "const raw = 1;\nawait output.kept.write(kept);",
        ],
      }),
    },
    TYPES,
  );
  expect(text.match(/^(error|warning) \S+/gm)).toEqual(["error types/redeclared"]);
});

test("settings that the compiler refuses are the only thing said of types", async () => {
  const settings = `{ "compilerOptions": { "strcit": true } }`;
  const body = "const kept: string = 1;\nawait output.kept.write(input.listings);";
  const files = { [PATH]: processing({ body, checks: `check("x", true);` }) };
  expect(await judge({ ...files, "tsconfig.json": settings }, TYPES)).toMatchInlineSnapshot(`
    "error types/error  tsconfig.json, line 1:24
      { "compilerOptions": { "strcit": true } }
                             ~~~~~~~~
      Unknown compiler option 'strcit'. (TS5023)"
  `);
  expect(
    await judge({ ...files, "tsconfig.json": `{ "extends": "./nowhere.json" }` }, TYPES),
  ).toMatch(
    /^error types\/error {2}tsconfig\.json\n {2}Cannot read file '.*nowhere\.json'\. \(TS5083\)$/,
  );
});

test("an arrow function with a type parameter is one in a notebook too", async () => {
  const body =
    "const same = <T>(value: T): T => value;\nawait output.kept.write(same(input.listings));";
  expect(await judge({ [PATH]: processing({ body, checks: `check("x", true);` }) }, TYPES)).toBe(
    "",
  );
});

test("a syntax error in the one notebook that imports a module is said as what it is", async () => {
  const files = {
    "notebooks/only-here.ts": "export const least: number = 1;\n",
    [PATH]: processing({
      imports: `${IMPORTS}\nimport { least } from "./only-here.ts";`,
      body: "awit output.kept.write(input.listings.filter((d) => d.price > least));",
      checks: `check("x", true);`,
    }),
  };
  expect((await judge(files, TYPES)).match(/^(error|warning) \S+/gm)).toEqual([
    "error structure/syntax",
  ]);
});

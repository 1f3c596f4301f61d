/**
 * An example for every rule of lint: what is wrong, and the same as it should be. The pages of `docs/lint/` are made of
 * them, and `test/lint-pages.test.ts` holds that each is told as its page says and, mended, no longer is.
 */
import type { Code } from "../../core/codes.ts";
import { withCells, writeNotebook, type Notebook } from "../../core/notebook/index.ts";
import {
  collect,
  documentWith,
  IMPORTS,
  processing,
  type Files,
} from "../pipeline/sound-project.ts";
import { runId, runRecord, stageRecord } from "./records.ts";
import { readableJson } from "../../core/json.ts";
import type { StageNotebookText } from "./notebook.ts";

/** What a page shows of one of the two states, and the files that make it. */
export interface ExampleState {
  files: Files;
  /** Language of the block; none shows the text as a sentence. */
  language: string | null;
  text: string;
}

export interface LintExample {
  /** What goes wrong if nobody minds. */
  why: string;
  /** Where the text shown stands. */
  where: string;
  flawed: ExampleState;
  mended: ExampleState;
  /** Judged by the compiler too. */
  types?: true;
}

const PROCESS = "notebooks/process.ipynb";
const COLLECT = "notebooks/collect.ipynb";

type Slot = keyof StageNotebookText & ("imports" | "parameters" | "inputs" | "outputs" | "body");

/** One cell of the process notebook. */
function cell(
  slot: Slot,
  why: string,
  flawed: string,
  mended: string,
  more: { files?: Files; cells?: StageNotebookText; types?: true } = {},
): LintExample {
  const state = (text: string): ExampleState => ({
    files: { ...more.files, [PROCESS]: processing({ ...more.cells, [slot]: text }) },
    language: "ts",
    text,
  });
  return {
    why,
    where: `a ${slot === "body" ? "body cell" : `cell \`${slot}\``} of \`${PROCESS}\``,
    flawed: state(flawed),
    mended: state(mended),
    ...(more.types && { types: more.types }),
  };
}

/** A piece of PIPELINE.md; without a mended text it is as in the sound document. */
function document(why: string, sound: string, flawed: string, mended = sound): LintExample {
  const state = (text: string): ExampleState => ({
    files: documentWith(sound, text),
    language: "yaml",
    text,
  });
  return { why, where: "`PIPELINE.md`", flawed: state(flawed), mended: state(mended) };
}

/** A notebook as a whole, told in a sentence. */
function notebook(
  why: string,
  flawed: [text: string, content: string | Notebook],
  mended: string,
): LintExample {
  return {
    why,
    where: `\`${PROCESS}\``,
    flawed: { files: { [PROCESS]: flawed[1] }, language: null, text: flawed[0] },
    mended: { files: {}, language: null, text: mended },
  };
}

const sound = processing();
const withTemplate = (name: string): Notebook => ({
  ...sound,
  metadata: { ...sound.metadata, steplab: { template: name } },
});
const cells = (change: (all: Notebook["cells"]) => Notebook["cells"]): Notebook =>
  withCells(sound, change([...sound.cells]));
const json = (change: (raw: Record<string, unknown>) => void): string => {
  const raw = JSON.parse(writeNotebook(sound)) as Record<string, unknown>; // written on this line
  change(raw);
  return JSON.stringify(raw, null, 1);
};

const READ = "const raw = await input.listings.read();";
const WRITE = "await output.kept.write(raw);";
const COPIED = `${READ}
const cheap = raw.filter((d) => d.price < 50);
const dear = raw.filter((d) => d.price >= 50);
console.log(cheap.numRows());
console.log(dear.numRows());`;
const COLLECTED = `const delivery = input.delivery.csv(Listing);
await output.listings.write(delivery);`;
const UNDECLARED = `const zones = readFileSync("data/zones.csv", "utf8");`;
const UNDECLARED_FILES: Files = {
  "data/zones.csv": "zone\n",
  [`runs/${runId(1)}/run.json`]: readableJson(
    runRecord(runId(1), {
      stages: {
        process: stageRecord(runId(1), {
          undeclaredReads: [
            {
              kind: "file",
              name: "data/zones.csv",
              how: "read",
              places: [
                {
                  at: {
                    file: PROCESS,
                    cell: { number: 6, id: "body-1" },
                    line: 3,
                    column: 15,
                  },
                  source: UNDECLARED,
                },
              ],
              count: 1,
            },
          ],
        }),
      },
    }),
  ),
};
const TEMPLATE_HOUSE = {
  "templates/house.ipynb": {
    ...withCells(
      sound,
      sound.cells.map((each) => ({
        ...each,
        metadata: {
          ...each.metadata,
          ...(each.slot === "imports" && { editable: false }),
          steplab: { slot: { name: each.slot ?? "body", required: false, repeat: true } },
        },
      })),
    ),
    metadata: { steplab: { template: { name: "house" } } },
  },
};
const house = (imports: string): Notebook => {
  const made = processing({ template: "house", imports });
  return withCells(
    made,
    made.cells.map((each) =>
      each.slot === "imports" ? { ...each, metadata: { ...each.metadata, editable: false } } : each,
    ),
  );
};

/** The outputs of collect, which process reads under the schema `Label`. */
function wired(schema: string): ExampleState {
  const imports = `${IMPORTS}\nimport { Label } from "./label.ts";`;
  const text = `const output = outputs({ listings: a.json(${schema}) });`;
  return {
    files: {
      "notebooks/label.ts": `import { z } from "zod";
export const Label = z.object({ label: z.templateLiteral(["w", z.number()]) });
`,
      [COLLECT]: collect({
        imports,
        outputs: text,
        body: `console.log((await input.delivery.csv(Listing).read()).numRows());
await output.listings.write({ label: "${schema === "Label" ? "w" : "v"}1" });`,
      }),
      [PROCESS]: processing({
        imports,
        inputs: "const input = inputs({ listings: a.json(Label) });",
        outputs: "const output = outputs({ kept: a.json(Label) });",
        body: "await output.kept.write(await input.listings.read());",
        checks: `check("holds", true);`,
      }),
    },
    language: "ts",
    text,
  };
}

export const LINT_EXAMPLES: Partial<Record<Code, LintExample>> = {
  "contract/declaration-failed": cell(
    "parameters",
    "Declarations are evaluated before anything runs; one that throws leaves its stage without a contract.",
    `const params = parameters({ minPrice: z.number().default(Number(process.argv[99]!.trim())) });`,
    `const params = parameters({ minPrice: z.number().default(10) });`,
  ),
  "contract/declaration-timeout": cell(
    "parameters",
    "Lint waits for every declaration: one that never comes to its end holds up everybody.",
    `const params = parameters({ minPrice: z.number().default(process.exit(1)) });`,
    `const params = parameters({ minPrice: z.number().default(10) });`,
  ),
  "contract/incompatible": cell(
    "inputs",
    "What is written under one schema and read under another fails in the middle of the night, or reads nulls.",
    `const input = inputs({ listings: a.table(Listing.extend({ rating: z.number() })) });`,
    `const input = inputs({ listings: a.table(Listing) });`,
  ),
  "contract/input-unread": cell(
    "body",
    "An input that nobody reads still decides whether the stage runs again.",
    `await output.kept.write([]);`,
    `${READ}\n${WRITE}`,
    { cells: { checks: `check("holds", true);` } },
  ),
  "contract/input-unwired": document(
    "A stage that is not told where its input comes from cannot run.",
    "inputs: { listings: collect.listings }",
    "inputs: {}",
  ),
  "contract/invalid-parameter": document(
    "A value outside of what the stage was written for is found before anything runs, not after an hour.",
    "params: { minPrice: $minPrice }",
    "params: { minPrice: -5 }",
  ),
  "contract/not-a-declaration": cell(
    "inputs",
    "Declaration cells are read without running the notebook: nothing else may stand in them.",
    `const input = inputs({ listings: a.table(Listing) });\nconsole.log("declared");`,
    `const input = inputs({ listings: a.table(Listing) });`,
  ),
  "contract/output-unwritten": cell(
    "outputs",
    "Stages that read it would wait for something that never comes: the stage fails at its end.",
    `const output = outputs({ kept: a.table(Listing), report: a.json(z.string()) });`,
    `const output = outputs({ kept: a.table(Listing) });`,
  ),
  "contract/unknown-input": document(
    "A misspelt name would leave the real input without a source.",
    "inputs: { listings: collect.listings }",
    "inputs: { listings: collect.listings, listing: collect.listings }",
  ),
  "contract/unknown-parameter": document(
    "A misspelt parameter would be ignored, and the default used.",
    "params: { minPrice: $minPrice }",
    "params: { minPrise: $minPrice }",
  ),
  "document/diagram-stale": document(
    "People believe pictures.",
    "  collect --> process",
    "  process --> collect",
  ),
  "document/front-matter": document(
    "Without it the document does not say which pipeline it is.",
    "---\npipeline: prices\n",
    "pipeline: prices\n",
  ),
  "document/invalid-value": document(
    "A value that is not understood would be taken for something else.",
    "params: { minPrice: $minPrice }",
    "params: { minPrice: $minPrice }\ntimeout: 10",
    "params: { minPrice: $minPrice }\ntimeout: 10m",
  ),
  "document/invalid-yaml": document(
    "A block that cannot be read says nothing at all.",
    "inputs: { listings: collect.listings }",
    "inputs: { listings: collect.listings",
  ),
  "document/missing-key": document(
    "A stage is its name and its notebook.",
    "notebook: notebooks/process.ipynb\n",
    "",
  ),
  "document/stage-block": document(
    "A `##` section is a stage; what is said of it must say how it runs.",
    "```yaml stage\nname: process",
    "```yaml\nname: process",
  ),
  "document/unknown-key": document(
    "A misspelt key would be ignored: the stage would run for ever instead of ten minutes.",
    "params: { minPrice: $minPrice }",
    "params: { minPrice: $minPrice }\ntimeuot: 10m",
    "params: { minPrice: $minPrice }\ntimeout: 10m",
  ),
  "document/unknown-parameter": document(
    "`$name` stands for a value of the front matter; one that is not there has none.",
    "params: { minPrice: $minPrice }",
    "params: { minPrice: $lowest }",
  ),
  "graph/cycle": document(
    "Stages that wait for each other never begin.",
    "inputs: { delivery: data/listings.csv }",
    "inputs: { delivery: data/listings.csv }\nafter: [process]",
  ),
  "graph/duplicate-name": document(
    "A name stands for one stage, on the command line, in wires and in the archive.",
    "name: process",
    "name: collect",
  ),
  "graph/missing-module": cell(
    "imports",
    "The stage would fail at its first cell.",
    `import { z, a, check, inputs, outputs, parameters } from "steplab";\nimport { Listing } from "./schemas";`,
    IMPORTS,
  ),
  "graph/missing-notebook": document(
    "A stage without a notebook has nothing to run.",
    "notebook: notebooks/process.ipynb",
    "notebook: notebooks/proces.ipynb",
  ),
  "graph/outside-project": document(
    "A released pipeline holds its code; what lies outside of it is not on the next machine.",
    "notebook: notebooks/process.ipynb",
    "notebook: ../elsewhere/process.ipynb",
  ),
  "graph/unknown-output": document(
    "There would be nothing to read.",
    "inputs: { listings: collect.listings }",
    "inputs: { listings: collect.listing }",
  ),
  "graph/unknown-stage": document(
    "There would be nobody to write it.",
    "inputs: { listings: collect.listings }",
    "inputs: { listings: colect.listings }",
  ),
  "hygiene/any-table": cell(
    "body",
    "A wrong column name in such a table compiles, and is undefined when it runs.",
    `const raw = (await input.listings.read()) as unknown as Table<any>;\n${WRITE}`,
    `${READ}\n${WRITE}`,
    {
      cells: {
        imports: IMPORTS.replace(' } from "steplab"', ', type Table } from "steplab"'),
        checks: `check("holds", true);`,
      },
    },
  ),
  "hygiene/clock": cell(
    "body",
    "The same code on the same inputs gives something else tomorrow, and a cached result is of yesterday.",
    `${READ}\nconst today = new Date();\n${WRITE}`,
    `${READ}\nconst today = new Date("2026-11-20");\n${WRITE}`,
    { cells: { checks: `check("holds", true);` } },
  ),
  "hygiene/computed-import": cell(
    "body",
    "The key holds the code of every module that is imported; of one whose name is computed nobody knows.",
    `const name = "schemas";\nconst module = await import(\`./\${name}.ts\`);\n${READ}\n${WRITE}`,
    `const module = await import("./schemas.ts");\n${READ}\n${WRITE}`,
    { cells: { checks: `check("holds", true);` } },
  ),
  "hygiene/equal-cells": {
    why: "What is mended in one of the two stays wrong in the other.",
    where: `\`${COLLECT}\` and \`${PROCESS}\``,
    flawed: {
      files: {
        [COLLECT]: collect({
          body: [COLLECTED, COPIED],
        }),
        [PROCESS]: processing({ body: [COPIED, WRITE], checks: `check("holds", true);` }),
      },
      language: "ts",
      text: COPIED,
    },
    mended: {
      files: {
        [COLLECT]: collect({
          body: [COLLECTED, `describe(await input.delivery.csv(Listing).read());`],
          imports: `${IMPORTS}\nimport { describe } from "./describe.ts";`,
        }),
        "notebooks/describe.ts":
          "export const describe = (rows: { numRows(): number }): void => console.log(rows.numRows());\n",
      },
      language: "ts",
      text: `import { describe } from "./describe.ts";`,
    },
  },
  "hygiene/no-test": {
    why: "A stage that no test runs is tested on the delivery that nobody has seen yet.",
    where: "`test/stages.test.ts`",
    flawed: {
      files: { "test/stages.test.ts": `await runStage("collect");` },
      language: "ts",
      text: `await runStage("collect");`,
    },
    mended: {
      files: { "test/stages.test.ts": `await runStage("collect");\nawait runStage("process");` },
      language: "ts",
      text: `await runStage("collect");\nawait runStage("process");`,
    },
  },
  "hygiene/randomness": cell(
    "body",
    "Two runs give two results, and nobody can say which was right.",
    `${READ}\nconst id = crypto.randomUUID();\n${WRITE}`,
    `${READ}\nconst id = Math.random();\n${WRITE}`,
    { cells: { checks: `check("holds", true);` } },
  ),
  "key/undeclared-read": cell(
    "body",
    "The key decides whether a stage must run again, and it does not know of this file: change it, and the stage is taken from the cache as it was.",
    `${READ}\n${WRITE}\n${UNDECLARED}`,
    `${READ}\n${WRITE}\nconst zones = await input.zones.text();`,
    { files: UNDECLARED_FILES, cells: { checks: `check("holds", true);` } },
  ),
  "notebook/invalid-format": notebook(
    "A notebook that other programs cannot open is lost to everybody else.",
    ["`cells` is no list.", json((raw) => (raw["cells"] = {}))],
    "Save it from JupyterLab, or mend the member that is named.",
  ),
  "notebook/invalid-json": notebook(
    "Half a merge is no notebook.",
    ["A comma is missing.", writeNotebook(sound).replace(",", "")],
    "Mend the place named, or take the last good version from git.",
  ),
  "notebook/missing-ids": notebook(
    "Cells are known by their ids: in records, in comparisons, in messages.",
    [
      "A notebook of nbformat 4.4 calls itself 4.5.",
      json((raw) => {
        for (const each of raw["cells"] as { id?: string }[]) delete each.id; // as nbformat has them
      }),
    ],
    "`npx steplab lint --fix` gives every cell an id.",
  ),
  "notebook/unsupported-format": notebook(
    "Formats before 4 keep their cells elsewhere.",
    ["The notebook is of nbformat 3.", json((raw) => (raw["nbformat"] = 3))],
    "Open and save it in a current JupyterLab.",
  ),
  "structure/lock-missing": notebook(
    "A locked cell cannot be deleted by accident in JupyterLab.",
    [
      "The inputs cell has lost `deletable: false`.",
      cells((all) =>
        all.map((each) =>
          each.slot === "inputs"
            ? { ...each, metadata: { ...each.metadata, deletable: true } }
            : each,
        ),
      ),
    ],
    "`npx steplab lint --fix` locks it again.",
  ),
  "structure/locked-cell-edited": {
    why: "A template fixes a cell because every stage of its kind must have it as it is.",
    where: `the cell \`imports\` of \`${PROCESS}\`, which the project's template \`house\` fixes`,
    flawed: {
      files: { ...TEMPLATE_HOUSE, [PROCESS]: house(`${IMPORTS}\n// mine`) },
      language: "ts",
      text: `${IMPORTS}\n// mine`,
    },
    mended: {
      files: { ...TEMPLATE_HOUSE, [PROCESS]: house(IMPORTS) },
      language: "ts",
      text: IMPORTS,
    },
  },
  "structure/saved-outputs": notebook(
    "Outputs in a source are of some earlier code, make every diff unreadable, and carry data into git.",
    [
      "The notebook was saved after it was run.",
      cells((all) =>
        all.map((each) => (each.type === "code" ? { ...each, executionCount: 1 } : each)),
      ),
    ],
    "`npx steplab lint --fix` clears them.",
  ),
  "structure/shadowed-global": cell(
    "body",
    "A name declared at the top of a cell is a name of the whole process: every library would see it.",
    `const performance = 3;\n${READ}\n${WRITE}`,
    `const speed = 3;\n${READ}\n${WRITE}`,
    { cells: { checks: `check("holds", true);` } },
  ),
  "structure/slot-kind": notebook(
    "A slot's cell is found by its tag and read as what the template says it is.",
    [
      "The `description` slot is a code cell.",
      cells((all) =>
        all.map((each) => (each.slot === "description" ? { ...each, type: "code" } : each)),
      ),
    ],
    "Change the cell's type to Markdown.",
  ),
  "structure/slot-missing": notebook(
    "Every stage of a template has its slots: who knows one notebook finds their way in all.",
    ["The `checks` slot is gone.", cells((all) => all.filter(({ slot }) => slot !== "checks"))],
    "`npx steplab lint --fix` puts the slot back; what it is to check is yours to write.",
  ),
  "structure/slot-order": notebook(
    "Parameters, inputs, outputs, then what is done with them: in the same order everywhere.",
    [
      "The inputs stand after the outputs.",
      cells(([description, imports, parameters, inputs, outputs, ...rest]) =>
        [description, imports, parameters, outputs, inputs, ...rest].flatMap((each) => each ?? []),
      ),
    ],
    "Move the cell above the outputs.",
  ),
  "structure/slot-repeated": notebook(
    "Of two declarations of inputs nobody knows which holds.",
    [
      "Two cells are tagged `inputs`.",
      cells((all) =>
        all.flatMap((each) => (each.slot === "inputs" ? [each, { ...each, id: "again" }] : [each])),
      ),
    ],
    "Join the two cells.",
  ),
  "structure/syntax": cell(
    "body",
    "It would fail when it runs.",
    `${READ}\nconst kept = raw.filter((d) => d.price >;\n${WRITE}`,
    `${READ}\nconst kept = raw.filter((d) => d.price > 0);\n${WRITE}`,
    { cells: { checks: `check("holds", true);` } },
  ),
  "structure/template-requires": notebook(
    "A kind of stage is known by what it makes sure of.",
    ["A `process` stage makes no check.", processing({ checks: "console.log(kept.numRows());" })],
    "Add a check in the checks cell, or choose another template.",
  ),
  "structure/unknown-template": notebook(
    "Without its template nobody can say what a notebook must have.",
    ["The notebook names the template `proces`.", withTemplate("proces")],
    'Write `"steplab": { "template": "process" }` in its metadata.',
  ),
  "structure/wrong-kernel": notebook(
    "Another kernel would not know the stage's inputs.",
    [
      "The notebook is set to the kernel `python3`.",
      {
        ...sound,
        metadata: { ...sound.metadata, kernelspec: { name: "python3", display_name: "Python 3" } },
      },
    ],
    "`npx steplab lint --fix` sets the kernel `steplab`.",
  ),
  "types/error": cell(
    "body",
    "The compiler knows the columns of every table: what it refuses is wrong.",
    `${READ}\nconst kept = raw.filter((d) => d.prize >= 10);\n${WRITE}`,
    `${READ}\nconst kept = raw.filter((d) => d.price >= 10);\n${WRITE}`,
    { cells: { checks: `check("holds", true);` }, types: true },
  ),
  "types/wire": {
    why: "What the columns and shapes alone do not tell apart, the compiler may.",
    where: `the outputs of \`${COLLECT}\`, which \`${PROCESS}\` reads as \`a.json(Label)\``,
    flawed: wired('z.object({ label: z.templateLiteral(["v", z.number()]) })'),
    mended: wired("Label"),
    types: true,
  },
  "types/redeclared": {
    why: "A notebook is one module: of two values under one name, the cells between would mean either.",
    where: `two body cells of \`${PROCESS}\``,
    flawed: {
      files: {
        [PROCESS]: processing({
          body: [`${READ}\n${WRITE}`, "const raw = 1;"],
          checks: `check("holds", true);`,
        }),
      },
      language: "ts",
      text: "const raw = 1;",
    },
    mended: {
      files: {
        [PROCESS]: processing({
          body: [`${READ}\n${WRITE}`, "const count = 1;"],
          checks: `check("holds", true);`,
        }),
      },
      language: "ts",
      text: "const count = 1;",
    },
  },
};

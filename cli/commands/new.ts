import { readFileSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { createInterface } from "node:readline/promises";
import { hasCredentials, withoutCredentials } from "../../core/credentials.ts";
import { messageOf, StepLabError } from "../../core/error.ts";
import type { SourceNotebook } from "../../pipeline/notebooks/source-notebook.ts";
import { EXIT, defineCommand } from "../command.ts";
import { printJson } from "../print/json.ts";
import { columns, paint, plural } from "../print/style.ts";
import type { NewOutput } from "../schemas/new.ts";
import { findDocument } from "./run.ts";

const help = `Make a stage: its notebook from a template, and its section of PIPELINE.md. Without a name: the templates there are.

Usage: steplab new <stage> --template NAME [options]

  -t, --template NAME   what kind of stage: process, train, … or one of your own
  -a, --after STAGE     read what this stage writes: its outputs become inputs, wired and declared; may be repeated
  -i, --input NAME=X    read this: a path, a pattern, an address or stage.output; may be repeated. A CSV,
                        Parquet or JSON file is read to its end, and the schema that all its rows fit is written
  --from NOTEBOOK       lift cells of a notebook you have: TypeScript of any Jupyter kernel, tslab and Deno included
  --cells 3,5-8         which cells; without it you are asked, or all code cells are taken where nobody can answer
  --title TEXT          the section's heading
  --notebook PATH       where the notebook shall lie; otherwise beside the others
  --document PATH       another document than PIPELINE.md
  --json                print what was made as JSON

Nothing is overwritten, and the rest of PIPELINE.md stays as it stands.

Example: npx steplab new collect --template collect --input delivery=data/listings.csv
`;

export const command = defineCommand({
  name: "new",
  summary: "make a stage from a template, or from a notebook you have",
  help,
  options: {
    template: { type: "string", short: "t", completes: "template" },
    after: { type: "string", short: "a", multiple: true, completes: "stage" },
    input: { type: "string", short: "i", multiple: true },
    from: { type: "string", completes: "file" },
    cells: { type: "string" },
    title: { type: "string" },
    notebook: { type: "string", completes: "file" },
    document: { type: "string", completes: "document" },
    json: { type: "boolean" },
  },
  positionals: [[]],
  async run(values, [name]) {
    const { projectRoot, document } = findDocument(values.document);
    const json = values.json === true;
    if (name === undefined) return await printTemplates(projectRoot, json);
    if (values.template === undefined)
      throw new StepLabError("cli/usage", `steplab new ${name}: say what kind of stage it is.`, {
        hint: `npx steplab new ${name} --template process; npx steplab new lists the templates.`,
      });
    if (values.cells !== undefined && values.from === undefined)
      throw new StepLabError("cli/usage", "--cells are cells of a notebook: --from says which.", {
        hint: `npx steplab new ${name} --template process --from old.ipynb --cells ${values.cells}`,
      });
    const { planStage, readInputWire } = await import("../../pipeline/scaffold/plan-stage.ts");
    const { addressFetch } = await import("../../runner/sources/address-fetch.ts");
    const plan = await planStage({
      projectRoot,
      document,
      name,
      template: values.template,
      title: values.title,
      notebook:
        values.notebook === undefined ? undefined : insideProject(projectRoot, values.notebook),
      after: (values.after ?? []).flatMap((word) => word.split(",")),
      inputs: Object.fromEntries((values.input ?? []).map(readInputWire)),
      look: {
        fetch: addressFetch(projectRoot, name),
        ...(process.stderr.isTTY && { onReading: sayReading }),
      },
      from:
        values.from === undefined
          ? null
          : await chooseCells(projectRoot, values.from, values.cells, json),
    }).finally(() => {
      if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
    });
    const { writeStage } = await import("../../pipeline/scaffold/write-stage.ts");
    writeStage(projectRoot, plan);
    const told: Made = {
      steplab: 1,
      stage: name,
      template: values.template,
      notebook: plan.notebook.path,
      module: plan.module?.path ?? null,
      document: plan.document?.path ?? null,
      inputs: plan.inputs,
      notes: plan.notes,
      files: plan.seen,
      refused: plan.refused,
      runsAsItIs: plan.runsAsItIs,
    };
    if (json) printJson<NewOutput>(told);
    else process.stdout.write(`${lines(told, values.from).join("\n")}\n`);
    return EXIT.done;
  },
});

/** Gone again when it is read. */
function sayReading(path: string): void {
  process.stderr.write(`\r\u001b[KReading ${path} …`);
}

async function printTemplates(projectRoot: string, json: boolean): Promise<number> {
  const { readTemplates } = await import("../../pipeline/templates.ts");
  const templates = [...readTemplates(projectRoot).templates.values()].map(
    ({ name, describes, own }) => ({ name, describes, own }),
  );
  if (json) printJson<NewOutput>({ steplab: 1, templates });
  else {
    const rows = templates.map(({ name, describes, own }) => [
      `  ${paint("bold", name)}`,
      describes,
      own ? "(this project's own)" : "",
    ]);
    process.stdout.write(
      `${columns(rows).join("\n")}\n\nNext    npx steplab new <stage> --template <name> [--after <stage>]\n`,
    );
  }
  return EXIT.done;
}

type Made = Extract<NewOutput, { stage: string }>;

function lines(told: Made, from: string | undefined): string[] {
  const wired = Object.entries(told.inputs).flatMap(([input, wire]) =>
    wire === null ? [] : [`${input}: ${withoutCredentials(wire)}`],
  );
  const open = Object.entries(told.inputs).flatMap(([input, wire]) =>
    wire === null ? [input] : [],
  );
  const rows = [
    ...told.files.map(({ path, rows: number, columns: width, schema }) => [
      paint("green", "read"),
      path,
      `${plural(number, "row")}, ${plural(width, "column")}: all fit ${schema} of ${told.module}`,
    ]),
    ...(told.module === null
      ? []
      : [[paint("green", "written"), told.module, "schemas, yours to narrow or widen"]]),
    [paint("green", "written"), told.notebook, `from template ${told.template}`],
    ...(told.document === null
      ? []
      : [
          [
            paint("green", "added"),
            told.document,
            `section "${told.stage}"${wired.length > 0 ? `, ${wired.join(", ")}` : ""}`,
          ],
        ]),
    ...open.map((input) => [
      paint("yellow", "to wire"),
      `inputs of ${told.stage}`,
      `${input}: <stage>.<output>, a path or an address`,
    ]),
    ...Object.entries(told.inputs).flatMap(([input, wire]) =>
      wire !== null && hasCredentials(wire)
        ? [
            [
              paint("yellow", "look at"),
              `input ${input}`,
              "its address holds a password, and stands in a file now",
            ],
          ]
        : [],
    ),
    ...told.refused.map(({ path, message }) => [paint("yellow", "look at"), path, message]),
    ...told.files.flatMap(({ path, notes }) =>
      notes.map((note) => [paint("yellow", "look at"), path, note]),
    ),
    ...told.notes.map(({ cell, line, message }) => [
      paint("yellow", "look at"),
      `${from}, cell ${cell}, line ${line}`,
      message,
    ]),
  ];
  const next =
    told.document === null
      ? `npx steplab run ${told.notebook}`
      : told.files.length > 0 && told.runsAsItIs
        ? `npx steplab run      (it runs as it is; make its cells yours in ${told.notebook})`
        : `open ${told.notebook}, make its cells yours, and type: npx steplab lint`;
  return [...columns(rows), "", `Next    ${next}`];
}

function insideProject(root: string, named: string): string {
  const path = relative(root, resolve(named)).split(sep).join("/");
  if (!path.startsWith("../") && path.endsWith(".ipynb")) return path;
  throw new StepLabError(
    "cli/usage",
    `--notebook ${named}: a stage's notebook is an .ipynb file of the project.`,
    {
      hint: "--notebook notebooks/report.ipynb",
    },
  );
}

async function chooseCells(
  projectRoot: string,
  named: string,
  cells: string | undefined,
  json: boolean,
): Promise<{ source: SourceNotebook; cells: ReadonlySet<number> | null }> {
  const source = await readForeign(projectRoot, named);
  const count = source.notebook.cells.length;
  if (cells !== undefined) return { source, cells: cellNumbers(cells, count) };
  if (json || !process.stdin.isTTY || !process.stderr.isTTY) return { source, cells: null };
  for (const { number, type, source: text } of source.notebook.cells)
    process.stderr.write(
      `${String(number).padStart(4)}  ${type === "code" ? " " : "#"} ${firstLine(text)}\n`,
    );
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asking.question("Which cells? (3,5-8; Enter for all code) ");
    return { source, cells: answer.trim() === "" ? null : cellNumbers(answer, count) };
  } finally {
    asking.close();
  }
}

/** Any notebook of TypeScript or JavaScript, wherever it lies. */
async function readForeign(projectRoot: string, named: string): Promise<SourceNotebook> {
  const { readNotebook } = await import("../../core/notebook/index.ts");
  const { parseNotebook } = await import("../../pipeline/notebooks/source-notebook.ts");
  let text: string;
  try {
    text = readFileSync(named, "utf8");
  } catch (error) {
    throw new StepLabError("cli/usage", `--from ${named} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const { notebook, diagnostics } = readNotebook(text, named);
  if (notebook === null)
    throw new StepLabError(
      "cli/usage",
      `--from ${named} is not a notebook: ${diagnostics[0]?.message ?? ""}`,
      { diagnostics },
    );
  const { language_info: info, kernelspec } = notebook.metadata;
  const language = info?.name ?? kernelspec?.["language"];
  if (
    typeof language === "string" &&
    !/^(?:typescript|javascript|deno|tslab|jslab)$/i.test(language)
  )
    throw new StepLabError(
      "cli/usage",
      `--from ${named}: its cells are ${language}, and a stage's are TypeScript.`,
    );
  return parseNotebook(notebook, relative(projectRoot, resolve(named)).split(sep).join("/"));
}

/** `3,5-8` as numbers. @throws StepLabError `cli/usage` */
function cellNumbers(text: string, count: number): Set<number> {
  const numbers = new Set<number>();
  for (const part of text.split(",")) {
    const [, first, last = first] = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === undefined || from < 1 || to > count || from > to)
      throw new StepLabError(
        "cli/usage",
        `--cells ${text}: "${part.trim()}" names no cells of this notebook.`,
        {
          hint: `It has cells 1 to ${count}: --cells 3,5-8`,
        },
      );
    for (let number = from; number <= to; number++) numbers.add(number);
  }
  return numbers;
}

function firstLine(text: string): string {
  const line = text.split("\n").find((each) => each.trim() !== "") ?? "";
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}

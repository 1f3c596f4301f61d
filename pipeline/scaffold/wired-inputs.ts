/**
 * Inputs of a new stage that its wires alone tell. A file of rows is read to the end for the schema that every row of it fits,
 * which goes into a module beside the notebook; other files and folders are declared as what they are.
 */
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { count } from "../../core/count.ts";
import { mediaTypeOf } from "../../core/media-type.ts";
import { withoutCredentials } from "../../core/credentials.ts";
import { messageOf, StepLabError } from "../../core/error.ts";
import { isErrno } from "../../lineage/store/files.ts";
import type { InferredColumn, InferredTable } from "../../stage/artifact/infer/inferred.ts";
import { quoteName } from "../../stage/artifact/columns.ts";
import { lastMatch, parseWire } from "../document/wire.ts";
import type { Wire } from "../pipeline.ts";
import { capitalised, fileKind, isFreeName, schemaNameOf } from "../input-name.ts";
import { fromFolder, folderOf, ImportList, quoted } from "./imports.ts";
import type { KnownPort, TableCode } from "./new-stage.ts";

/** What was seen of a file that an input is wired to. */
export interface SeenFile {
  input: string;
  /** As the person named it. */
  path: string;
  rows: number;
  columns: number;
  /** The schema's name in the module. */
  schema: string;
  /** What to know of it: columns that are not read as they are. */
  notes: string[];
}

export interface WiredInputs {
  inputs: { input: KnownPort; wire: string }[];
  seen: SeenFile[];
  /** The schemas, in a file of the project that is new; null where there are none. */
  module: { path: string; text: string } | null;
  /** Files that are no tables, or not there, and why. */
  refused: { path: string; message: string }[];
  /** Inputs whose files are not there. */
  missing: Set<string>;
}

/** Brings an address into the archive, as a run does; an absolute path. @throws StepLabError `source/…` */
export type FetchAddress = (input: string, url: string) => Promise<string>;

export interface LookOptions {
  /** Without it addresses are not looked at. */
  fetch?: FetchAddress;
  /** Told before a file is read: a large one takes a while. */
  onReading?: (path: string) => void;
}

/** @param wires input to where it comes from, of those that nothing else declares; outputs of stages are left to who knows stages */
export async function wiredInputs(
  root: string,
  notebook: string,
  stage: string,
  wires: Readonly<Record<string, string>>,
  { fetch, onReading }: LookOptions,
): Promise<WiredInputs> {
  const found: WiredInputs = {
    inputs: [],
    seen: [],
    module: null,
    refused: [],
    missing: new Set(),
  };
  const path = modulePath(root, notebook, stage);
  const schemas: string[] = [];
  for (const [name, text] of Object.entries(wires)) {
    const wire = parseWire(text);
    if (wire === undefined || wire.kind === "output" || wire.kind === "run") continue;
    checkInputName(name);
    const named = wire.kind === "url" ? withoutCredentials(text) : text;
    const file = fileOf(root, wire);
    if (file === null && wire.kind !== "url") {
      found.missing.add(name);
      found.refused.push({
        path: named,
        message:
          "It is not there, so nothing could be read off it. Paths begin at the project's root.",
      });
    }
    if (isTable(endingOf(wire, file))) onReading?.(named);
    const table = await tableOf(name, wire, file, fetch).catch((error: unknown) => {
      if (!(error instanceof StepLabError) && !isErrno(error, "EACCES", "EPERM", "EIO"))
        throw error;
      found.refused.push({ path: named, message: messageOf(error) });
      return null;
    });
    if (table === null) {
      found.inputs.push({ input: plainPort(name, wire, file), wire: text });
      continue;
    }
    const schema = schemaNameOf(name);
    schemas.push(schemaCode(schema, named, table));
    found.inputs.push({
      input: tablePort(name, schema, path, notebook, table, endingOf(wire, file)),
      wire: text,
    });
    found.seen.push({
      input: name,
      path: named,
      rows: table.rows,
      columns: table.columns.length,
      schema,
      notes: table.notes,
    });
  }
  if (schemas.length > 0) found.module = { path, text: moduleText(stage, schemas) };
  return found;
}

/** @throws StepLabError `cli/usage` for one that a variable of the notebook cannot have */
function checkInputName(name: string): void {
  if (isFreeName(name)) return;
  throw new StepLabError(
    "cli/usage",
    `No input can be called "${name}" in a new notebook: the name means something there.`,
    {
      hint: `--input ${name}Rows=…`,
    },
  );
}

/** What a run would read now; null where it is not there, or not on this machine. */
function fileOf(root: string, wire: Wire): string | null {
  if (wire.kind === "path")
    return existsSync(resolve(root, wire.path)) ? resolve(root, wire.path) : null;
  if (wire.kind !== "glob") return null;
  const last = lastMatch(root, wire.pattern);
  return last === null ? null : resolve(root, last);
}

/** Null for what holds no rows. @throws StepLabError for rows that cannot be read, and for an address that does not answer */
async function tableOf(
  name: string,
  wire: Wire,
  file: string | null,
  fetch: FetchAddress | undefined,
): Promise<InferredTable | null> {
  const ending = endingOf(wire, file);
  if (!isTable(ending)) return null;
  const path = wire.kind === "url" ? ((await fetch?.(name, wire.url)) ?? null) : file;
  if (path === null || statSync(path).isDirectory()) return null;
  if (/\.(?:csv|tsv)$/i.test(ending)) {
    const { inferCsv } = await import("../../stage/artifact/infer/csv.ts");
    return await inferCsv(path, basename(ending));
  }
  const { inferJson, inferParquet } = await import("../../stage/artifact/infer/typed.ts");
  if (/\.parquet$/i.test(ending)) return await inferParquet(path);
  return isRows(path, ending) ? await inferJson(path) : null;
}

/** One object a line, or an array; a single object is settings or the like. */
function isRows(path: string, ending: string): boolean {
  if (!/\.json$/i.test(ending)) return true;
  const start = Buffer.alloc(256);
  const file = openSync(path, "r");
  const length = readSync(file, start);
  closeSync(file);
  return /^\uFEFF?\s*\[/.test(start.toString("utf8", 0, length));
}

function isTable(path: string): boolean {
  return /\.(?:csv|tsv|parquet|jsonl|ndjson|json)$/i.test(path);
}

/** What tells by its ending what it holds. */
function endingOf(wire: Wire, file: string | null): string {
  if (wire.kind === "url") return new URL(wire.url).pathname;
  return file ?? (wire.kind === "path" ? wire.path : wire.kind === "glob" ? wire.pattern : "");
}

/** A file as bytes, or a folder. */
function plainPort(name: string, wire: Wire, file: string | null): KnownPort {
  const kind = file !== null && statSync(file).isDirectory() ? "folder" : "file";
  const ending = endingOf(wire, file);
  return {
    name,
    kind,
    code: kind === "folder" ? "a.folder()" : fileKind(ending),
    from: null,
    uses: [],
    imports: new ImportList(),
    ...(mediaTypeOf(ending) === "application/json" && { reads: "json" }),
  };
}

function tablePort(
  name: string,
  schema: string,
  module: string,
  notebook: string,
  table: InferredTable,
  ending: string,
): KnownPort {
  const imports = new ImportList();
  const specifier = fromFolder(`./${basename(module)}`, folderOf(module), folderOf(notebook));
  imports.add(quoted(specifier), schema, { name: schema, typeOnly: false });
  if (table.reader !== null)
    imports.add(quoted("steplab"), "sql", { name: "sql", typeOnly: false });
  return {
    name,
    kind: "file",
    code: fileKind(ending),
    from: null,
    uses: [schema],
    imports,
    table: tableCode(name, schema, table),
  };
}

/** How the notebook reads it: by its schema, or by a query where the file is of another make. */
function tableCode(name: string, schema: string, { reader, columns }: InferredTable): TableCode {
  if (reader === null)
    return {
      schema,
      uses: [],
      setup: [],
      rows: `input.${name}.csv(${schema})`,
      staysQuery: false,
    };
  const path = `pathOf${capitalised(name)}`;
  const selected = columns.map(({ name: column, sql }) => {
    const quoted = quoteName(column);
    return sql === quoted ? `    ${sql}` : `    ${sql} as ${quoted}`;
  });
  const options = reader.options.map((option) => `, ${option}`).join("");
  const query = ["", "  select", selected.join(",\n"), `  from ${reader.name}(`].join("\n");
  return {
    schema,
    uses: ["sql"],
    setup: [`const ${path} = await input.${name}.path();`],
    rows: `sql<${schema}>\`${inTemplate(query)}\${${path}}${inTemplate(options)})\``,
    staysQuery: columns.some(({ kind }) => kind === "bigint"),
  };
}

/** Text as a template literal has it. */
function inTemplate(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${");
  return escaped.replaceAll("\r", "\\r"); // a literal line break of two signs would become one
}

/** `notebooks/collect.ts`, or with a number where there is one. */
function modulePath(root: string, notebook: string, stage: string): string {
  const folder = folderOf(notebook);
  for (let number = 1; ; number++) {
    const file = `${stage}${number === 1 ? "" : `-${number}`}.ts`;
    const path = folder === "" ? file : `${folder}/${file}`;
    if (!existsSync(join(root, path))) return path;
  }
}

function moduleText(stage: string, schemas: readonly string[]): string {
  return `/** What stage "${stage}" is given. Read off the files as they were: say here what may stand in them from now on. */
import { z } from "steplab";

${schemas.join("\n")}`;
}

function schemaCode(name: string, wire: string, { rows, columns }: InferredTable): string {
  const members = columns.map((column) => `  ${keyOf(column.name)}: ${typeOf(column)},\n`);
  return `/** ${wire.replaceAll("*/", "*\\/")}: it fits ${rows === 1 ? "its one row" : `all of its ${count(rows)} rows`}. */
export const ${name} = z.object({
${members.join("")}});
export type ${name} = z.infer<typeof ${name}>;
`;
}

function keyOf(name: string): string {
  if (name === "__proto__") return `["__proto__"]`;
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

const TYPES: Record<InferredColumn["kind"], string> = {
  int: "z.int()",
  bigint: "z.bigint()",
  number: "z.number()",
  boolean: "z.boolean()",
  date: "z.iso.date()",
  timestamp: "z.date()",
  string: "z.string()",
};

function typeOf({ kind, nullable }: InferredColumn): string {
  return `${TYPES[kind]}${nullable ? ".nullable()" : ""}`;
}

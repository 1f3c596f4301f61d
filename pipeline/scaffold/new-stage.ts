/**
 * A new stage's notebook: a template filled with what is known of the stage. Values only; `plan-stage.ts` reads the
 * project, the command writes.
 *
 * What is not known stays the template's own placeholder, which runs; where inputs are known, the placeholders' columns
 * are wrong, so the cells hold what every stage of the kind does: read the inputs, and pass on what must be passed on.
 */
import {
  codeCell,
  makeNotebook,
  STEPLAB_KERNELSPEC,
  type Cell,
  type Notebook,
} from "../../core/notebook/index.ts";
import { capitalised } from "../input-name.ts";
import { BODY, type Template } from "../templates.ts";
import { ImportList, quoted } from "./imports.ts";
import type { Lifted } from "./lift.ts";
import { declarationsOf, type DeclaredPort } from "./ports.ts";
import { cellFromSlot } from "./slot-cell.ts";

/** An input or output that is known: its declaration, and what its code imports. */
export interface KnownPort extends DeclaredPort {
  imports: ImportList;
  /** Of a file: how it is read, unless as text. */
  reads?: string;
  /** Of a file that holds rows. */
  table?: TableCode;
}

/** Rows of a file in code. */
export interface TableCode {
  /** What its rows fit, as the notebook imports it. */
  schema: string;
  /** Names that the code uses, besides. */
  uses: string[];
  /** Statements before it. */
  setup: string[];
  /** An expression for the rows, which are read when they are asked for. */
  rows: string;
  /** A query gives whole numbers as JavaScript's own: larger ones pass through it, and cannot be read into memory. */
  staysQuery: boolean;
}

/** An output, and the input that is written to it as long as there is no other code. */
interface KnownOutput extends KnownPort {
  passes?: KnownPort;
}

export interface StageFilling {
  /** After "# Process: " in the description. */
  title: string;
  /** Null: the template's own. */
  inputs: readonly KnownPort[] | null;
  lifted: Lifted | null;
}

/** The template's cells in order, with placeholder code; cells that the template leaves empty are left out. */
export function newStageNotebook(template: Template, filling?: StageFilling): Notebook {
  const cells = filling ? filledCells(template, filling) : templateCells(template);
  return makeNotebook(uniqueIds(cells), {
    ...STEPLAB_KERNELSPEC,
    steplab: { template: template.name },
  });
}

function templateCells(template: Template): Cell[] {
  return template.slots
    .filter((slot) => slot.required || slot.cell.source !== "")
    .map((slot) => ({ ...cellFromSlot(slot), id: slot.name }));
}

function filledCells(template: Template, filling: StageFilling): Cell[] {
  const parts = partsOf(template, filling);
  const seen = new Set<string>();
  const cells = template.slots.flatMap((slot): Cell[] => {
    const again = seen.has(slot.name);
    seen.add(slot.name);
    const sources = parts.sources[slot.name];
    if (slot.name === BODY && parts.body) return again ? [] : parts.body;
    if (slot.name === "description")
      return [
        { ...cellFromSlot(slot, slot.cell.source.replace("…", filling.title)), id: slot.name },
      ];
    if (sources)
      return again
        ? []
        : sources.map((source) => ({ ...cellFromSlot(slot, source), id: slot.name }));
    if (!slot.required && slot.cell.source === "") return [];
    return [{ ...cellFromSlot(slot), id: slot.name }];
  });
  return withImports(cells, parts.imports);
}

/** What replaces the template's own cells, by slot; slots that are not named stay the template's. */
interface Parts {
  imports: ImportList;
  sources: Record<string, string[]>;
  body: Cell[] | null;
}

function partsOf(template: Template, { inputs, lifted }: StageFilling): Parts {
  const own = declarationsOf(template);
  const imports = lifted?.imports ?? new ImportList();
  copyAll(own.imports, imports);
  if (inputs === null && lifted === null) return { imports, sources: {}, body: null };
  const known = withoutClashes(inputs ?? [], imports);
  const written = lifted ? withImportsOf(lifted.declared, lifted.declared.outputs) : [];
  const outputs = written.length > 0 ? written : outputsFor(withImportsOf(own, own.outputs), known);
  for (const port of outputs) copyUsed(port, imports);
  const parameters = lifted?.declared.parameters ?? null;
  const checks = lifted?.checks ?? [];
  const wanted = (slot: string, source: string, given: boolean): [string, string][] =>
    given || isWanted(template, slot) ? [[slot, source]] : [];
  const sources: Record<string, string[]> = {};
  for (const [slot, source] of [
    ...wanted("parameters", parameters ?? "const params = parameters({});", parameters !== null),
    ...wanted("inputs", declaration("input", "inputs", known), known.length > 0),
    ...wanted("outputs", declaration("output", "outputs", outputs), outputs.length > 0),
  ])
    sources[slot] = [source];
  if (checks.length > 0) sources["checks"] = checks;
  else if (isWanted(template, "checks"))
    sources["checks"] = [
      guidanceOf(template, "checks") + checkCode(template, known, lifted !== null),
    ];
  return { imports, sources, body: bodyOf(template, known, outputs, lifted) };
}

/** A slot that the template needs or has code for; others are left out as the template leaves them empty. */
function isWanted(template: Template, name: string): boolean {
  const slot = template.slots.find((each) => each.name === name);
  return slot !== undefined && (slot.required || slot.cell.source !== "");
}

function guidanceOf(template: Template, name: string): string {
  const slot = template.slots.find((each) => each.name === name);
  return slot && slot.guidance !== "" ? `// ${slot.guidance}\n` : "";
}

function withImportsOf(
  { imports }: { imports: ImportList },
  ports: readonly DeclaredPort[],
): KnownPort[] {
  return ports.map((port) => ({ ...port, imports }));
}

/** What a stage of tables works with as long as there is no other code: the first table, or else the first file of rows. */
function rowsAmong(known: readonly KnownPort[]): KnownPort | undefined {
  return (
    known.find(({ kind }) => kind === "table") ?? known.find(({ table }) => table !== undefined)
  );
}

/** As the template declares them, but that a table is passed on from the inputs, where there is one. */
function outputsFor(own: readonly KnownPort[], known: readonly KnownPort[]): KnownOutput[] {
  const rows = rowsAmong(known);
  const first = own.find(({ kind }) => kind === "table");
  if (rows === undefined || first === undefined) return [...own];
  const passed = passedOn(rows, first.name);
  return [...new Set(own.map((port) => (port.kind === "table" ? passed : port)))];
}

/** A table keeps its name; rows of a file become what the template calls its table. */
function passedOn(rows: KnownPort, name: string): KnownOutput {
  const { table, imports } = rows;
  if (table === undefined) return { ...rows, passes: rows };
  const { schema } = table;
  const code = `a.table(${schema})`;
  return { name, kind: "table", code, from: null, uses: [schema], imports, passes: rows };
}

/** Reads what is known, and what was lifted; of tables that are passed on, only as long as there is no code yet. */
function bodyOf(
  template: Template,
  known: readonly KnownPort[],
  outputs: readonly KnownOutput[],
  lifted: Lifted | null,
): Cell[] {
  const declared = new Set(lifted?.names);
  const read = known.filter(
    ({ name }) =>
      !declared.has(name) && !lifted?.declared.inputs.some((port) => port.name === name),
  );
  const passed = lifted ? [] : outputs.filter(({ passes }) => passes !== undefined);
  const reads = readingCode(read, passed, template);
  if (reads === "" && lifted) return lifted.body;
  return [codeCell(guidanceOf(template, BODY) + reads), ...(lifted?.body ?? [])];
}

const READ: Record<string, string> = {
  table: "read",
  json: "read",
  file: "text",
  folder: "path",
  model: "load",
};

function readingCode(
  known: readonly KnownPort[],
  passed: readonly KnownOutput[],
  template: Template,
): string {
  // A template that guards data passes it on as it is, which copies nothing.
  const guards = bodyHas(template, /\.write\(input\./);
  const lines = known.flatMap((port) => {
    const { name, kind, table } = port;
    if (table !== undefined)
      return [
        ...table.setup,
        `const ${name} = ${isLazy(template, table) ? table.rows : `await ${table.rows}.read()`};`,
      ];
    return [`const ${name} = await input.${name}.${port.reads ?? READ[kind ?? ""] ?? "read"}();`];
  });
  for (const { name, passes } of passed) {
    const isArtifact = guards && passes?.kind === "table";
    lines.push(
      `await output.${name}.write(${isArtifact ? `input.${name}` : (passes?.name ?? name)});`,
    );
  }
  return lines.join("\n");
}

/** A template that brings data in writes a file's rows as they come, however many they are; others work with them. */
function isLazy(template: Template, { staysQuery }: TableCode): boolean {
  return staysQuery || bodyHas(template, /\.csv\(/);
}

function bodyHas(template: Template, pattern: RegExp): boolean {
  return template.slots.some(({ name, cell }) => name === BODY && pattern.test(cell.source));
}

function checkCode(template: Template, known: readonly KnownPort[], lifted: boolean): string {
  const port = lifted ? undefined : rowsAmong(known);
  if (port === undefined) return `check("what must hold", true);`;
  if (port.table === undefined)
    return `check("${port.name} are there", ${port.name}.numRows() > 0);`;
  const count = `${port.name}.numRows()`;
  return `check("rows were delivered", ${isLazy(template, port.table) ? `(await ${count})` : count} > 0);`;
}

function declaration(variable: string, keyword: string, ports: readonly DeclaredPort[]): string {
  const members = ports.map(({ name, code }) => `${name}: ${code}`);
  const line = `const ${variable} = ${keyword}({ ${members.join(", ")} });`;
  if (members.length === 0) return `const ${variable} = ${keyword}({});`;
  if (line.length <= 100 && !line.includes("\n")) return line;
  return `const ${variable} = ${keyword}({\n${members.map((member) => `  ${member},\n`).join("")}});`;
}

function copyUsed({ uses, imports, table }: KnownPort, to: ImportList): void {
  for (const local of [...uses, ...(table?.uses ?? [])]) {
    const found = imports.find(local);
    if (found && !to.has(local)) to.add(found.module, local, found.imported);
  }
}

/** Two modules may give one name, `Data` say: the later one is imported under another. What the ports use is in `to` then. */
function withoutClashes(ports: readonly KnownPort[], to: ImportList): KnownPort[] {
  return ports.map((port) => {
    let renamed = port;
    for (const local of [...port.uses, ...(port.table?.uses ?? [])]) {
      const [found, known] = [port.imports.find(local), to.find(local)];
      if (!found || !known) continue;
      if (found.module === known.module && found.imported.name === known.imported.name) continue;
      renamed = withName(renamed, local, `${capitalised(port.name)}${capitalised(local)}`);
    }
    copyUsed(renamed, to);
    return renamed;
  });
}

function withName(port: KnownPort, local: string, other: string): KnownPort {
  // Not what stands in quotes, as a column of a query does.
  const pattern = new RegExp(`(?<![\\w$."'])${local.replaceAll("$", "\\$")}(?![\\w$"'])`, "g");
  const rename = (code: string): string => code.replaceAll(pattern, () => other);
  const imports = new ImportList();
  for (const [each, { module, imported }] of port.imports.entries())
    imports.add(module, each === local ? other : each, imported);
  return {
    ...port,
    code: rename(port.code),
    uses: port.uses.map(rename),
    imports,
    ...(port.table && {
      table: { ...port.table, schema: rename(port.table.schema), rows: rename(port.table.rows) },
    }),
  };
}

/** Whether nothing of the template's promises is left to be written: the new stage runs as it is. */
export function runsAsItIs(template: Template, inputs: readonly KnownPort[]): boolean {
  const own = declarationsOf(template);
  const outputs = outputsFor(withImportsOf(own, own.outputs), inputs);
  return outputs.every(({ passes }) => passes !== undefined);
}

function copyAll(from: ImportList, to: ImportList): void {
  for (const [local, { module, imported }] of from.entries())
    if (!to.has(local)) to.add(module, local, imported);
}

/** The imports slot last: of steplab, only what the other cells mention. */
function withImports(cells: Cell[], imports: ImportList): Cell[] {
  const others = cells
    .filter(({ type, slot }) => type === "code" && slot !== "imports")
    .map(({ source }) => source)
    .join("\n");
  imports.dropUnused(quoted("steplab"), (local) =>
    new RegExp(`(?<![\\w$])${local.replaceAll("$", "\\$")}(?![\\w$])`).test(others),
  );
  return cells.map((cell) =>
    cell.slot === "imports" ? { ...cell, source: imports.text() } : cell,
  );
}

/** Ids as the template's slots are called; a lifted cell keeps its own. */
function uniqueIds(cells: Cell[]): Cell[] {
  const counts = new Map<string, number>();
  return cells.map((cell) => {
    if (cell.id === "") return cell;
    const count = (counts.get(cell.id) ?? 0) + 1;
    counts.set(cell.id, count);
    return count === 1 ? cell : { ...cell, id: `${cell.id}-${count}` };
  });
}

/** The one reader of notebooks: text in, a value and diagnostics out. */
import type { Diagnostic } from "../diagnostic.ts";
import { findJsonError } from "../json-error.ts";
import { messageOf } from "../error.ts";
import { TextPositions } from "../text-position.ts";
import { freshId } from "./make.ts";
import type { Cell, Notebook, NotebookMetadata, Output } from "./notebook.ts";
import { slotOf } from "./slots.ts";
import { findStructureFaults, type RawCell, type RawNotebook } from "./structure.ts";

export interface NotebookRead {
  /** Null when the text is no notebook; then there is an error among the diagnostics. */
  notebook: Notebook | null;
  diagnostics: Diagnostic[];
}

/**
 * Reads a notebook of nbformat 4.0 to 4.5; older minor versions are upgraded in memory (cell ids are made,
 * stable between readings). `file` is the name diagnostics carry, relative to the project root.
 * Codes: `notebook/invalid-json`, `notebook/invalid-format`, `notebook/unsupported-format`, and
 * `notebook/missing-ids`, which comes with a notebook.
 */
export function readNotebook(text: string, file: string): NotebookRead {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { notebook: null, diagnostics: [jsonDiagnostic(text, file, messageOf(error))] };
  }
  const unsupported = unsupportedFormat(value, file);
  if (unsupported) return { notebook: null, diagnostics: [unsupported] };
  const faults = findStructureFaults(value);
  if (faults.length > 0) {
    const diagnostics = faults.map((fault): Diagnostic => {
      const cell = fault.cell === undefined ? undefined : { number: fault.cell, id: "" };
      return {
        code: "notebook/invalid-format",
        severity: "error",
        message: `${fault.member === "" ? "The file" : `\`${fault.member}\``} ${fault.message}`,
        hint: "save the notebook from JupyterLab again, or mend this member in a text editor.",
        at: { file, ...(cell && { cell }) },
      };
    });
    return { notebook: null, diagnostics };
  }
  const raw = value as RawNotebook; // findStructureFaults found none
  return { notebook: upgraded(raw), diagnostics: missingIds(raw, file) };
}

function jsonDiagnostic(text: string, file: string, parserMessage: string): Diagnostic {
  const fault = findJsonError(text);
  if (fault === undefined)
    return {
      code: "notebook/invalid-json",
      severity: "error",
      message: `This notebook is not valid JSON: ${parserMessage}`,
      at: { file },
    };
  const positions = new TextPositions(text);
  const { line, column } = positions.at(fault.offset);
  const conflict = /^(<{7}|={7}|>{7})/m.test(text);
  return {
    code: "notebook/invalid-json",
    severity: "error",
    message:
      text.trim() === ""
        ? "This notebook is empty: not even JSON."
        : `This notebook is not valid JSON. ${fault.message}`,
    hint: conflict
      ? "git left conflict markers in it: choose one side, e.g. `git checkout --ours` or `--theirs`."
      : "take the last good version from git, or mend it in a text editor.",
    at: { file, line, column },
    source: positions.lineText(line),
  };
}

function unsupportedFormat(value: unknown, file: string): Diagnostic | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { nbformat, nbformat_minor: minor } = value as Record<string, unknown>; // an object, by the line above
  if (typeof nbformat !== "number" || !Number.isInteger(nbformat)) return undefined;
  const version = `${nbformat}.${typeof minor === "number" ? minor : 0}`;
  const report = (message: string, hint: string): Diagnostic => ({
    code: "notebook/unsupported-format",
    severity: "error",
    message,
    hint,
    at: { file },
  });
  if (nbformat < 4)
    return report(
      `This notebook is of nbformat ${version}, which steplab does not read.`,
      "open and save it in JupyterLab once; it becomes nbformat 4.",
    );
  if (nbformat > 4 || (typeof minor === "number" && minor > 5))
    return report(
      `This notebook is of nbformat ${version}, newer than 4.5, the newest that steplab reads.`,
      "save it as nbformat 4.5.",
    );
  return undefined;
}

/** nbformat 4.5 wants an id in every cell; older notebooks have none, and some tools forget it. */
function missingIds(raw: RawNotebook, file: string): Diagnostic[] {
  const count = raw.cells.filter((cell) => cell.id === undefined).length;
  if (count === 0) return [];
  const version = `${raw.nbformat}.${raw.nbformat_minor}`;
  return [
    {
      code: "notebook/missing-ids",
      severity: raw.nbformat_minor < 5 ? "information" : "warning",
      message: `${count === 1 ? "A cell has" : `${count} cells have`} no id (nbformat ${version}); made ones stand in.`,
      hint: "`npx steplab lint --fix` writes them down, as saving in JupyterLab does.",
      at: { file },
      fix: { kind: "notebook", file, operation: "write-ids" },
    },
  ];
}

/** From the checked JSON to our value; the one place where 4.0 to 4.4 become 4.5. */
function upgraded(raw: RawNotebook): Notebook {
  const metadata: NotebookMetadata = { ...raw.metadata } as NotebookMetadata; // checked to be an object
  if (raw.nbformat_minor < 5) metadata["orig_nbformat_minor"] = raw.nbformat_minor; // as nbformat's own upgrade does
  const taken = new Set(raw.cells.map((cell) => cell.id ?? "").filter((id) => id !== ""));
  const cells = raw.cells.map((cell, index) => {
    const source = joined(cell.source);
    let id = cell.id;
    if (id === undefined) {
      id = freshId(index + 1, source, taken);
      taken.add(id);
    }
    return toCell(cell, index + 1, id, source);
  });
  return { nbformat: 4, nbformatMinor: 5, metadata, cells };
}

function toCell(raw: RawCell, number: number, id: string, source: string): Cell {
  const metadata = raw.metadata as Cell["metadata"]; // checked to be an object
  const cell: Cell = {
    number,
    id,
    type: raw.cell_type,
    source,
    slot: slotOf(metadata),
    metadata,
    outputs: raw.cell_type === "code" ? (raw.outputs ?? []).map(toOutput) : [],
    executionCount: raw.cell_type === "code" ? (raw.execution_count ?? null) : null,
  };
  if (raw.attachments) {
    const attachments: NonNullable<Cell["attachments"]> = {};
    for (const [name, bundle] of Object.entries(raw.attachments))
      attachments[name] = joinedBundle(bundle) as NonNullable<Cell["attachments"]>[string]; // strings joined, else as read
    cell.attachments = attachments;
  }
  return cell;
}

function toOutput(raw: Record<string, unknown>): Output {
  const output = { ...raw };
  if (raw["output_type"] === "stream") output["text"] = joined(raw["text"] as string | string[]); // checked
  else if ("data" in raw) output["data"] = joinedBundle(raw["data"] as Record<string, unknown>); // checked
  return output as unknown as Output; // checked member by member in structure.ts
}

function joined(text: string | string[]): string {
  return typeof text === "string" ? text : text.join("");
}

/** As nbformat's `_rejoin_mimebundle`: lists of strings are text, except in JSON types where they are values. */
function joinedBundle(bundle: Record<string, unknown>): Record<string, unknown> {
  const joinedEntries = Object.entries(bundle).map(([type, value]) => {
    const isText =
      !isJsonType(type) && Array.isArray(value) && value.every((line) => typeof line === "string");
    return [type, isText ? value.join("") : value] as const;
  });
  return Object.fromEntries(joinedEntries);
}

function isJsonType(type: string): boolean {
  return type === "application/json" || (type.startsWith("application/") && type.endsWith("+json"));
}

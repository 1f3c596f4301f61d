/** `--fix`: mends what is mechanical, and never touches what a person wrote. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic, Fix, SingleFix } from "../../core/diagnostic.ts";
import {
  readNotebook,
  STEPLAB_KERNELSPEC,
  withCells,
  writeNotebook,
  type Cell,
  type Notebook,
} from "../../core/notebook/index.ts";
import { writeFileAtomic } from "../../lineage/store/files.ts";
import { readTemplates, templateNameOf, type Template, type TemplateSlot } from "../templates.ts";
import { lostSlot } from "./lost-slot.ts";
import { withInput, withWire } from "../scaffold/declare-input.ts";

/**
 * Applies the fixes that diagnostics carry and gives the files it changed, relative to the root, in order.
 * Files are replaced whole or not at all; a notebook is written in Jupyter's own form.
 *
 * @throws StepLabError `archive/…` when a file cannot be written; the ones before it are written.
 */
export function applyFixes(projectRoot: string, diagnostics: readonly Diagnostic[]): string[] {
  const byFile = new Map<string, SingleFix[]>();
  for (const fix of diagnostics.flatMap((diagnostic) => partsOf(diagnostic.fix)))
    byFile.set(fix.file, [...(byFile.get(fix.file) ?? []), fix]);
  const changed: string[] = [];
  const { templates } = readTemplates(projectRoot);
  for (const [file, fixes] of byFile) {
    const path = join(projectRoot, file);
    if (!existsSync(path)) continue;
    const before = readFileSync(path, "utf8");
    const after = mend(before, file, fixes, templates);
    if (after === before) continue;
    writeFileAtomic(path, after, { durable: true });
    changed.push(file);
  }
  return changed;
}

function partsOf(fix: Fix | undefined): SingleFix[] {
  if (fix?.kind === "together") return fix.fixes;
  return fix ? [fix] : [];
}

function mend(
  text: string,
  file: string,
  fixes: SingleFix[],
  templates: ReadonlyMap<string, Template>,
): string {
  let replaced = replaceRanges(
    text,
    fixes.filter((fix) => fix.kind === "replace-text"),
  );
  for (const fix of fixes.filter((each) => each.kind === "wire-input"))
    replaced = withWire(replaced, fix.stage, fix.input, fix.wire) ?? replaced;
  const operations = fixes.filter((fix) => fix.kind === "notebook");
  if (operations.length === 0) return replaced;
  const { notebook } = readNotebook(replaced, file);
  if (!notebook) return replaced; // lint says what is wrong; there is nothing mechanical about it
  const template = templates.get(templateNameOf(notebook) ?? "");
  let mended = notebook;
  for (const { operation, arguments: values = {} } of operations)
    mended = operate(mended, operation, values, template);
  return writeNotebook(mended);
}

/** From the end to the start, so that earlier offsets stay true. */
function replaceRanges(text: string, fixes: Extract<Fix, { kind: "replace-text" }>[]): string {
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  let result = text;
  for (const fix of [...fixes].sort((a, b) => b.from - a.from))
    result = result.slice(0, fix.from) + fix.text.replaceAll("\n", lineEnd) + result.slice(fix.to);
  return result;
}

type Values = Record<string, unknown>;

function operate(
  notebook: Notebook,
  operation: string,
  values: Values,
  template: Template | undefined,
): Notebook {
  switch (operation) {
    case "clear-outputs":
      return clearOutputs(notebook);
    case "set-kernel":
      return { ...notebook, metadata: { ...notebook.metadata, ...STEPLAB_KERNELSPEC } };
    case "write-ids":
      return notebook; // reading has made them
    case "set-locks": {
      const locks = values["locks"] as { cell: string; lock: string }[]; // as structure.ts gives them
      return withCells(
        notebook,
        notebook.cells.map((cell) => {
          const own = locks
            .filter((each) => each.cell === cell.id)
            .map(({ lock }) => [lock, false]);
          return own.length === 0
            ? cell
            : { ...cell, metadata: { ...cell.metadata, ...Object.fromEntries(own) } };
        }),
      );
    }
    case "declare-input":
      return declareInput(notebook, values);
    case "restore-locked":
    case "restore-slot": {
      const slot = template?.slots.find(({ name }) => name === values["slot"]);
      if (!template || !slot) return notebook;
      return operation === "restore-slot"
        ? withLostSlot(notebook, template, slot)
        : restoreLocked(notebook, slot, values["cell"]);
    }
    default:
      throw new Error(`no such fix: ${operation}`); // a rule of ours names an operation that is not written
  }
}

function declareInput(notebook: Notebook, values: Values): Notebook {
  const { cell: id, name, kind } = values as Record<"cell" | "name" | "kind", string>; // as reads.ts gives them
  return withCells(
    notebook,
    notebook.cells.map((cell) =>
      cell.id === id
        ? { ...cell, source: withInput(cell.source, name, kind) ?? cell.source }
        : cell,
    ),
  );
}

/** Outputs, counts, an executed copy's injected cell, and the times that JupyterLab may record. */
function clearOutputs(notebook: Notebook): Notebook {
  const cells = notebook.cells
    .filter((cell) => cell.slot !== "injected-parameters")
    .map((cell): Cell => {
      const { execution: _times, ...metadata } = cell.metadata;
      return { ...cell, metadata, outputs: [], executionCount: null };
    });
  return withCells(notebook, cells);
}

function restoreLocked(notebook: Notebook, slot: TemplateSlot, id: unknown): Notebook {
  const { source, type } = slot.cell;
  return withCells(
    notebook,
    notebook.cells.map((cell) => (cell.id === id ? { ...cell, source, type } : cell)),
  );
}

function withLostSlot(notebook: Notebook, template: Template, slot: TemplateSlot): Notebook {
  const { at, cell } = lostSlot(notebook, template, slot);
  return withCells(notebook, notebook.cells.toSpliced(at, 0, cell));
}

/** Reads past the inputs, as the newest run of each stage saw them: true as long as the lines that did it stand. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic, Fix, Place } from "../../core/diagnostic.ts";
import type { StageRecord, UndeclaredRead } from "../../lineage/record.ts";
import type { Stage } from "../pipeline.ts";
import type { SourceNotebook } from "../notebooks/source-notebook.ts";
import { cellsOf } from "../notebooks/source-notebook.ts";
import { topLevelNames } from "../notebooks/syntax.ts";
import { readProjectFile } from "../read-file.ts";
import { declarationOf, inputHolding, readDiagnostics } from "../undeclared-reads.ts";
import { notebookFix, stagePlace, stagesOf, type LintContext } from "./context.ts";

export function reads(context: LintContext): Diagnostic[] {
  return context.pipeline.stages.flatMap((stage) => {
    const source = context.notebooks.get(stage.notebook);
    const seen = context.reads.get(stage.name) ?? [];
    if (!source) return [];
    const elsewhere = stagePlace(context, stage, "notebook");
    return seen.flatMap((read) => {
      const places = read.places.flatMap((place) => standing(context, place) ?? []);
      // Without a place it is the code that matters, which nobody has compared: the next run tells.
      if (places.length === 0) return [];
      const now = { undeclaredReads: [{ ...read, places }], inputs: inputsNow(stage) };
      const fix = declare(context, stage, source, read, Object.keys(now.inputs));
      return readDiagnostics(stage.name, now, elsewhere).map((diagnostic) => ({
        ...diagnostic,
        ...(fix !== null && { fix }),
      }));
    });
  });
}

/** The place where the line is now; null when it is gone, or is no longer the same. */
function standing(
  context: LintContext,
  { at, source }: UndeclaredRead["places"][number],
): UndeclaredRead["places"][number] | null {
  if (source === undefined) return null;
  const text = textAt(context, at);
  const lines = text?.split(/\r?\n/) ?? [];
  const isThere = lines[(at.line ?? 0) - 1] === source;
  const line = isThere ? at.line : lines.indexOf(source) + 1;
  if (line === undefined || line === 0) return null;
  const cell = at.cell && context.notebooks.get(at.file)?.notebook.cells.find(isCell(at.cell.id));
  return { at: { ...at, line, ...(cell && { cell: placeOfCell(cell) }) }, source };
}

const isCell =
  (id: string) =>
  (cell: SourceNotebook["notebook"]["cells"][number]): boolean =>
    cell.id === id;

function placeOfCell({
  number,
  id,
  slot,
}: SourceNotebook["notebook"]["cells"][number]): NonNullable<Place["cell"]> {
  return { number, id, ...(slot && { slot }) };
}

function textAt(context: LintContext, { file, cell }: Place): string | undefined {
  if (cell === undefined) {
    const read = readProjectFile(context.root, file, context.read);
    return read.ok ? read.text : undefined;
  }
  return context.notebooks.get(file)?.notebook.cells.find(isCell(cell.id))?.source;
}

/** What the stage is wired to as the document stands, in the record's words. */
function inputsNow(stage: Stage): StageRecord["inputs"] {
  const inputs = Object.entries(stage.inputs).map(([name, wire]) => {
    const source =
      wire.kind === "path"
        ? { path: wire.path }
        : wire.kind === "url"
          ? { url: wire.url, etag: null }
          : { stage: "", output: "" };
    return [name, { source, digest: NO_DIGEST, bytes: 0 }];
  });
  return Object.fromEntries(inputs) as StageRecord["inputs"]; // as made above
}

/** Only names and sources are looked at. */
const NO_DIGEST = `sha256:${"0".repeat(64)}`;

/** The input in the notebook and in every stage that uses it. Null where it takes a person. */
function declare(
  context: LintContext,
  stage: Stage,
  source: SourceNotebook,
  read: UndeclaredRead,
  taken: string[],
): Fix | null {
  const declared = declarationOf(read, taken);
  const [cell, second] = cellsOf(source, "inputs");
  const imports = cellsOf(source, "imports").flatMap(({ program }) => topLevelNames(program));
  const hasKinds = imports.some(({ name, module }) => name === "a" && module === "steplab");
  // Something that is only looked for, or not there, is perhaps no input at all.
  const isThere = read.kind === "address" || existsSync(join(context.root, read.name));
  if (declared === null || !cell || second || !hasKinds || !isThere || read.how !== "read")
    return null;
  if (inputHolding(read, inputsNow(stage)) !== null) return null;
  const { name, kind, wire } = declared;
  return {
    kind: "together",
    file: stage.notebook,
    fixes: [
      notebookFix(source.path, "declare-input", { cell: cell.cell.id, name, kind }),
      ...stagesOf(context, source.path).map((each) => ({
        kind: "wire-input" as const,
        file: context.pipeline.document,
        stage: each.name,
        input: name,
        wire,
      })),
    ],
  };
}

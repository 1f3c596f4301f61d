/** A diagnostic as people read it (house style), and as GitHub's annotations want it. Plain text: colours are the command line's. */
import type { Diagnostic, Place } from "./diagnostic.ts";

/**
 * The house form: severity, code and place; the line with a squiggle; the sentence; the hint; the other ends.
 *
 *     error contract/input-unwired  notebooks/3-process.ipynb, cell 4 (inputs), line 2:3
 *       listings: a.table(RawListing),
 *       ~~~~~~~~
 *       This stage reads "listings", but PIPELINE.md does not say where it comes from.
 *       Hint: add `listings: <stage>.<output>` under `inputs` of stage "process".
 *
 * No newline at the end.
 */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const lines = [`${diagnostic.severity} ${diagnostic.code}  ${renderPlace(diagnostic.at)}`];
  lines.push(...shownLine(diagnostic.source, diagnostic.at));
  lines.push(...diagnostic.message.split("\n"));
  if (diagnostic.hint !== undefined) lines.push(`Hint: ${diagnostic.hint}`);
  for (const other of diagnostic.related ?? []) {
    lines.push(`${renderPlace(other.at)}: ${other.message}`);
    lines.push(...shownLine(other.source, other.at).map((line) => `  ${line}`));
  }
  const [first = "", ...rest] = lines;
  return [first, ...rest.map((line) => `  ${line}`.trimEnd())].join("\n");
}

/** `notebooks/3-process.ipynb, cell 4 (inputs), line 2:3`. */
export function renderPlace(at: Place): string {
  const parts = [at.file];
  if (at.cell) parts.push(`cell ${at.cell.number}${at.cell.slot ? ` (${at.cell.slot})` : ""}`);
  if (at.line !== undefined)
    parts.push(`line ${at.line}${at.column === undefined ? "" : `:${at.column}`}`);
  return parts.join(", ");
}

/**
 * One workflow command of GitHub Actions, which becomes an annotation on the file
 * (docs.github.com, "Workflow commands for GitHub Actions"). A cell's lines are not the file's, so a notebook's
 * annotation names the cell in its text and stands at the file.
 */
export function renderGithub(diagnostic: Diagnostic): string {
  const { at } = diagnostic;
  const command = { error: "error", warning: "warning", information: "notice" }[
    diagnostic.severity
  ];
  const properties: [string, string | number | undefined][] = [
    ["file", at.file],
    ["line", at.cell ? undefined : at.line],
    ["col", at.cell ? undefined : at.column],
    ["endLine", at.cell ? undefined : at.endLine],
    ["endColumn", at.cell ? undefined : at.endColumn],
    ["title", diagnostic.code],
  ];
  const list = properties
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  const place = at.cell ? `${renderPlace({ ...at, file: "" }).replace(/^, /, "")}: ` : "";
  const hint = diagnostic.hint === undefined ? "" : `\nHint: ${diagnostic.hint}`;
  const more = `\nMore: npx steplab lint --explain ${diagnostic.code}`;
  return `::${command} ${list.join(",")}::${escapeData(`${place}${diagnostic.message}${hint}${more}`)}`;
}

const SHOWN_WIDTH = 100;

/** The line, cut around the place when it is long, its indentation taken off, and a squiggle under the place. */
function shownLine(source: string | undefined, at: Place): string[] {
  if (source === undefined || source.trim() === "") return [];
  const spaces = /^\s*/.exec(source)?.[0].length ?? 0;
  const column = at.column === undefined ? spaces : at.column - 1;
  const indent = Math.min(spaces, column);
  const from = column - indent > SHOWN_WIDTH - 20 ? column - 40 : indent;
  const text = source.slice(from, from + SHOWN_WIDTH).replaceAll("\t", " ");
  const shown = `${from > indent ? "…" : ""}${text}${from + SHOWN_WIDTH < source.length ? "…" : ""}`;
  if (at.column === undefined) return [shown];
  const start = column - from + (from > indent ? 1 : 0);
  const end = at.endLine === at.line && at.endColumn !== undefined ? at.endColumn - 1 : column;
  const room = Math.max(1, shown.length - start);
  const width = Math.min(Math.max(1, end - column), room);
  return [shown, `${" ".repeat(start)}${"~".repeat(width)}`];
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/**
 * A notebook as Jupyter itself writes it, so that saving in JupyterLab and `--fix` never fight over a file.
 *
 * nbformat's `JSONWriter`: members sorted, indented by one, text split into lines, a newline at
 * the end (nbformat/v4/nbjson.py and rwbase.py). Round trips of what JupyterLab saved are exact, byte by byte.
 */
import type { Cell, Notebook, Output } from "./notebook.ts";

/** A notebook as the text of an `.ipynb` file: nbformat 4.5, as JupyterLab saves it. */
export function writeNotebook(notebook: Notebook): string {
  const {
    orig_nbformat: _format,
    orig_nbformat_minor: _minor,
    signature: _signature,
    ...metadata
  } = notebook.metadata; // left out as nbformat's `strip_transient` does
  const raw = {
    cells: notebook.cells.map(rawCell),
    metadata,
    nbformat: notebook.nbformat,
    nbformat_minor: notebook.nbformatMinor,
  };
  return `${jupyterJson(raw, "")}\n`;
}

function rawCell(cell: Cell): Record<string, unknown> {
  const { trusted: _trusted, ...metadata } = cell.metadata; // a front end's own mark, never saved
  const raw: Record<string, unknown> = {
    cell_type: cell.type,
    id: cell.id,
    metadata,
    source: splitLines(cell.source),
  };
  if (cell.type === "code") {
    raw["execution_count"] = cell.executionCount;
    raw["outputs"] = cell.outputs.map(rawOutput);
  } else if (cell.attachments) {
    raw["attachments"] = Object.fromEntries(
      Object.entries(cell.attachments).map(([name, bundle]) => [name, splitBundle(bundle)]),
    );
  }
  return raw;
}

function rawOutput(output: Output): Record<string, unknown> {
  switch (output.output_type) {
    case "stream":
      return { ...output, text: splitLines(output.text) };
    case "execute_result":
    case "display_data":
      return { ...output, data: splitBundle(output.data) };
    case "error":
      return { ...output };
  }
}

function splitBundle(bundle: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(bundle).map(([type, value]) => {
      const splits =
        type.startsWith("text/") || type === "application/javascript" || type === "image/svg+xml";
      return [type, splits && typeof value === "string" ? splitLines(value) : value];
    }),
  );
}

/** Python's `str.splitlines(keepends=True)`, whose idea of a line end is wider than ours. */
function splitLines(text: string): string[] {
  const lines: string[] = [];
  // oxlint-disable-next-line no-control-regex -- Python counts these as line ends
  const end = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/g;
  let from = 0;
  while (end.exec(text) !== null) {
    lines.push(text.slice(from, end.lastIndex));
    from = end.lastIndex;
  }
  if (from < text.length) lines.push(text.slice(from));
  return lines;
}

/** Python's `json.dumps(indent=1, sort_keys=True, ensure_ascii=False, separators=(",", ": "))`. */
function jupyterJson(value: unknown, indent: string): string {
  if (typeof value === "number") return pythonNumber(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value ?? null);
  const deeper = `${indent} `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    const items = value.map((item) => `${deeper}${jupyterJson(item, deeper)}`);
    return `[\n${items.join(",\n")}\n${indent}]`;
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => compareCodePoints(a, b))
    .map(([name, member]) => `${deeper}${JSON.stringify(name)}: ${jupyterJson(member, deeper)}`);
  return members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${indent}}`;
}

/** Python prints an exponent below 1e-4 and with two digits; JavaScript below 1e-6 and with one. */
function pythonNumber(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-4)
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  return JSON.stringify(value);
}

/** Python sorts by code point, JavaScript by UTF-16 unit: they differ above U+FFFF only. */
function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const left = Array.from(a, (letter) => letter.codePointAt(0) ?? 0);
  const right = Array.from(b, (letter) => letter.codePointAt(0) ?? 0);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** A table as people see it in a notebook: the first and last rows, types in the header, missing values distinct. */
import { plural } from "../../core/count.ts";
import type { MimeBundle } from "../../core/host.ts";
import type { Columns } from "../../core/shape.ts";
import { escapeHtml } from "./escape.ts";
import { showColumn, type Cell, type ShownColumn } from "./format-cell.ts";
import { viewOf, type TableView } from "./table-view.ts";
import { textColumns } from "./text-columns.ts";

/** Up to this many rows are shown whole; of longer tables the first and the last five, as pandas does. */
const MOST_ROWS = 20;
const ROWS_AT_END = 5;
const MOST_COLUMNS = 24;

export interface TableDisplayOptions {
  /** The schema's columns, for the types in the header; without them the values shown tell. */
  columns?: Columns;
}

/**
 * The bundle of a table: `text/html` and `text/plain`. Reads the shown rows only, so a table of a million
 * rows costs as much as one of ten.
 *
 * @param table a `Table`, an arquero table or an array of objects; an empty array is shown as empty.
 */
export function tableBundle(table: unknown, options: TableDisplayOptions = {}): MimeBundle {
  const view = isView(table)
    ? table
    : (viewOf(table) ?? { rows: 0, names: [], reader: () => () => undefined });
  const shown = showTable(view, options.columns ?? view.columns ?? {});
  return { "text/html": tableHtml(shown), "text/plain": tableText(shown) };
}

function isView(table: unknown): table is TableView {
  return typeof table === "object" && table !== null && "reader" in table && "names" in table;
}

interface ShownTable {
  /** Row numbers from 1, as everywhere; null stands for the rows left out. */
  rows: (number | null)[];
  /** One for each row of `rows`; the left-out row's cells are "…". */
  columns: ShownColumn[];
  /** "20,000 rows × 16 columns" */
  size: string;
}

function showTable(view: TableView, types: Columns): ShownTable {
  const isWhole = view.rows <= MOST_ROWS;
  const first = range(0, isWhole ? view.rows : ROWS_AT_END);
  const last = isWhole ? [] : range(view.rows - ROWS_AT_END, view.rows);
  const names = view.names.slice(0, MOST_COLUMNS);
  const columns = names.map((name) => {
    const read = view.reader(name);
    const column = showColumn(name, [...first, ...last].map(read), types[name]);
    if (!isWhole) column.cells.splice(ROWS_AT_END, 0, { text: "…" });
    return column;
  });
  const numbers = [...first, ...(isWhole ? [] : [null]), ...last];
  return {
    rows: numbers.map((row) => (row === null ? null : row + 1)),
    columns,
    size: sizeText(view.rows, view.names.length, names.length),
  };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function sizeText(rows: number, columns: number, shown: number): string {
  const text = `${plural(rows, "row")} × ${plural(columns, "column")}`;
  return shown < columns ? `${text}, the first ${shown} shown` : text;
}

// Inline styles only: JupyterLab's sanitiser drops <style> in notebooks that are not trusted. Opacity
// instead of grey, so that the same bytes read well on light and on dark.
const FAINT = 'style="opacity:0.6;font-weight:normal"';

function tableHtml({ rows, columns, size }: ShownTable): string {
  const head = columns.map(
    ({ name, type, align }) =>
      `<th style="text-align:${align}">${escapeHtml(name)}<br><small ${FAINT}>${escapeHtml(type)}&nbsp;</small></th>`,
  );
  const body = rows.map((number, i) => {
    const cells = columns.map(({ cells, align }) => cellHtml(cells[i], align));
    return `<tr><th ${FAINT}>${number === null ? "" : number.toLocaleString("en-US")}</th>${cells.join("")}</tr>`;
  });
  return `<table><thead><tr><th></th>${head.join("")}</tr></thead><tbody>\n${body.join("\n")}\n</tbody></table><p ${FAINT}><small>${escapeHtml(size)}</small></p>`;
}

function cellHtml(cell: Cell | undefined, align: "left" | "right"): string {
  const text = escapeHtml(cell?.text ?? "");
  const content = cell?.missing ? `<i style="opacity:0.5">${text}</i>` : text;
  return `<td style="text-align:${align};white-space:nowrap">${content}</td>`;
}

function tableText(shown: ShownTable): string {
  const index = shown.rows.map((row) => (row === null ? "…" : row.toLocaleString("en-US")));
  const columns = shown.columns.map(({ name, type, align, cells }) => ({
    align,
    texts: [name, type, ...cells.map((cell) => cell.text)],
  }));
  const lines = textColumns({ align: "right", texts: ["", "", ...index] }, columns);
  return [...lines, shown.size].join("\n");
}

/** Pictures inside HTML: always `<img>` with the bytes in it, so that not even an SVG can run a script. */
import { escapeHtml } from "./escape.ts";

export interface Cell {
  /** Absent: `text` stands in its place. */
  picture?: { media: string; bytes: Uint8Array };
  text: string;
  caption: string;
}

const COLUMNS = 6;

/** A sheet of pictures with captions. A table, because JupyterLab's sanitiser keeps one for what it is. */
export function sheetHtml(cells: readonly Cell[], side: number): string {
  const rows: string[] = [];
  for (let at = 0; at < cells.length; at += COLUMNS)
    rows.push(
      `<tr>${cells
        .slice(at, at + COLUMNS)
        .map((cell) => cellHtml(cell, side))
        .join("")}</tr>`,
    );
  return `<table><tbody>\n${rows.join("\n")}\n</tbody></table>`;
}

function cellHtml({ picture, text, caption }: Cell, side: number): string {
  const shown =
    picture === undefined
      ? `<i style="opacity:0.6">${escapeHtml(text)}</i>`
      : `<img src="${dataUrl(picture)}" alt="${escapeHtml(caption)}" style="max-width:${side}px;max-height:${side}px">`;
  return `<td style="text-align:center">${shown}<br><small>${escapeHtml(caption)}</small></td>`;
}

function dataUrl({ media, bytes }: { media: string; bytes: Uint8Array }): string {
  return `data:${media};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")}`;
}

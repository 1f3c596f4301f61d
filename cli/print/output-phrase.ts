/** What an output is, in a few words: `19,001 rows`, `120 files: 118 image/png, 2 text/csv`, `640 × 480`. */
import type { OutputRecord } from "../../lineage/record.ts";
import { plural } from "./style.ts";
import { isTableSummary } from "./table-summary.ts";

const MOST_TYPES = 3;

export function outputPhrase({ summary }: Pick<OutputRecord, "summary">): string {
  if (isTableSummary(summary)) return plural(summary.rows, "row");
  const { files, types, images, width, height, lines } = summary;
  if (typeof files === "number") {
    const phrase = `${plural(files, "file")}${typesPhrase(types)}`;
    return `${phrase}${sizesPhrase(images)}`;
  }
  if (typeof width === "number" && typeof height === "number") return `${width} × ${height}`;
  return typeof lines === "number" ? plural(lines, "line") : "";
}

function typesPhrase(types: unknown): string {
  if (typeof types !== "object" || types === null) return "";
  const all = Object.entries(types);
  if (all.length === 0) return "";
  const shown = all.slice(0, MOST_TYPES).map(([type, count]) => `${count} ${type}`);
  return `: ${shown.join(", ")}${all.length > MOST_TYPES ? ", …" : ""}`;
}

/** `, 28 × 28` where all are alike, else from the smallest to the largest side. */
function sizesPhrase(images: unknown): string {
  if (typeof images !== "object" || images === null || !("width" in images)) return "";
  const { width, height } = images as { width: [number, number]; height: [number, number] }; // as stage/files/summary.ts writes it
  const range = ([least, most]: [number, number]): string =>
    least === most ? String(least) : `${least}-${most}`;
  return `, ${range(width)} × ${range(height)}`;
}

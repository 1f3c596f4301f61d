import type { TableSummary } from "../../core/fact.ts";
import type { OutputRecord } from "../../lineage/record.ts";

/** Tables carry rows and columns; other kinds say what they like. */
export function isTableSummary(summary: OutputRecord["summary"]): summary is TableSummary {
  return "rows" in summary && typeof summary.rows === "number" && "columns" in summary;
}

/**
 * What a file of rows holds, found by reading all of it: how it is to be read, and the narrowest schema that every row fits.
 * For who begins with data of others; a run never guesses.
 */
import type { ColumnKind } from "../columns.ts";

export interface InferredColumn {
  name: string;
  kind: ColumnKind;
  nullable: boolean;
  /** Its value in SQL, where the file is read by a query. */
  sql: string;
}

export interface InferredTable {
  rows: number;
  columns: InferredColumn[];
  /**
   * Null: `csv(schema)` reads it. Otherwise DuckDB does, by its table function `name(path, options)`; every column is text where
   * the function is `read_csv`.
   */
  reader: { name: "read_csv" | "read_parquet" | "read_json"; options: string[] } | null;
  /** Of columns that tables cannot keep as they are. */
  notes: string[];
}

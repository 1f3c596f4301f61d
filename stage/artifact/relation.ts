/** What SQL can read from: the one thing that inputs, CSV files, tables and queries have in common. */
import type { ArtifactDigest } from "../../core/digest.ts";
import type { Columns } from "../../core/shape.ts";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { z } from "zod";
import type { Sql } from "./duck.ts";

export interface Relation {
  /** Stands in FROM: a table function, or a query in brackets. */
  from: Sql;
  /** A stored artifact that holds exactly this relation: writing it unchanged copies nothing. */
  artifact?: { digest: ArtifactDigest };
  /** A Parquet file that holds exactly this relation, already checked against `schema`, whose columns are `columns`. */
  checked?: { path: string; columns: Columns; schema: z.ZodObject };
}

/** The method by which a value says how SQL reads it. */
export const RELATION: unique symbol = Symbol("steplab.relation");

export interface Queryable {
  /** Tables in memory are loaded into the connection that will ask, and go with it. */
  [RELATION](connection: DuckDBConnection): Promise<Relation>;
}

/** Whether `sql` can read from a value. */
export function isQueryable(value: unknown): value is Queryable {
  return typeof value === "object" && value !== null && RELATION in value;
}

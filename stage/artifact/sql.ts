/**
 * SQL over inputs, CSV files and tables, of any size:
 *
 *     await output.listings.write(sql`select * from ${input.listings} where price >= ${params.minPrice}`)
 *
 * A query is lazy. Written into an output it streams from file to file without passing through JavaScript.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { StepLabError } from "../../core/error.ts";
import type { Columns, Shape } from "../../core/shape.ts";
import type { ColumnKind } from "./columns.ts";
import {
  connectDuck,
  describeQuery,
  rowsOf,
  seedDraws,
  withDuck,
  type Sql,
  type SqlValue,
} from "./duck.ts";
import { inferColumns, loadColumns } from "./load.ts";
import { sqlError } from "./parquet.ts";
import { readRows, readTable } from "./read.ts";
import { isQueryable, RELATION, type Queryable, type Relation } from "./relation.ts";
import { Table } from "./table.ts";

/** What may stand in `${…}`: something to read from, a value, or a list of values (`where id in (${ids})`). */
export type SqlPart = Queryable | Table<object> | SqlValue | readonly SqlValue[];

/**
 * A query that was not asked yet: {@link sql} makes it, and reading or writing it runs it.
 *
 * Its answer is typed loosely: say what its rows are with `sql<Row>`…``.
 */
export class Query<R extends object = Record<string, unknown>> implements Queryable {
  readonly #text: readonly string[];
  readonly #parts: readonly SqlPart[];

  /** @internal `text` has one more than there are parts, as a template has it. */
  constructor(text: readonly string[], parts: readonly SqlPart[]) {
    this.#text = text;
    this.#parts = parts;
  }

  /** The whole answer in memory. */
  async read(): Promise<Table<R>> {
    return withDuck(async (connection) => {
      const relation = await this[RELATION](connection);
      const columns = await columnsOf(connection, relation.from);
      return readTable<R>(connection, relation, columns, "The query").catch(fail);
    });
  }

  /** The answer row by row. */
  async *rows(): AsyncGenerator<R> {
    await using duck = await connectDuck();
    const { from } = await this[RELATION](duck.connection);
    const columns = await columnsOf(duck.connection, from);
    try {
      yield* readRows<R>(duck.connection, from, columns, "The query");
    } catch (error) {
      throw sqlError(error);
    }
  }

  async numRows(): Promise<number> {
    return withDuck(async (connection) => {
      const { from } = await this[RELATION](connection);
      const [found] = await rowsOf(connection, ["SELECT count(*) AS rows FROM ", ...from]).catch(
        fail,
      );
      return Number(found?.["rows"] ?? 0);
    });
  }

  async [RELATION](connection: DuckDBConnection): Promise<Relation> {
    const from: (string | { value: SqlValue })[] = ["("];
    for (const [at, text] of this.#text.entries()) {
      from.push(at === this.#text.length - 1 ? text.replace(/;\s*$/, "") : text);
      if (at === this.#parts.length) break; // after the last part there is only text
      from.push(...(await sqlOf(this.#parts[at], connection, at + 1)));
    }
    await seedDraws(connection, this.#text.join("${}"));
    return { from: [...from, "\n)"] }; // on a line of its own: the query may end in a comment
  }
}

/**
 * Makes a query in DuckDB's SQL. Values are bound, never pasted into the text; inputs, CSV files, tables and other
 * queries stand where SQL wants a table.
 *
 *     await output.dear.write(sql`select * from ${input.listings} where price >= ${params.minPrice}`);
 */
export function sql<R extends object = Record<string, unknown>>(
  text: TemplateStringsArray,
  ...parts: readonly SqlPart[]
): Query<R> {
  return new Query(text, parts);
}

async function sqlOf(
  part: SqlPart | undefined,
  connection: DuckDBConnection,
  position: number,
): Promise<Sql> {
  if (part instanceof Table) return tableSql(part, connection);
  if (isQueryable(part)) return (await part[RELATION](connection)).from;
  if (Array.isArray(part)) {
    if (part.length === 0) return ["NULL"]; // `in ()` is no SQL, and `in (NULL)` is true for nothing
    return part.flatMap((value: unknown, at) => [
      ...(at > 0 ? [", "] : []),
      bound(value, position),
    ]);
  }
  return [bound(part, position)];
}

function bound(value: unknown, position: number): { value: SqlValue } {
  const plain = ["number", "string", "boolean", "bigint"].includes(typeof value);
  if (plain || value === null || value instanceof Date) return { value: value as SqlValue }; // seen on this line
  throw new StepLabError(
    "sql/unusable-value",
    `The ${position}. value of the query is ${value === undefined ? "undefined" : `a ${typeof value}`}: give a table, an input, or a plain value.`,
  );
}

/** A table in memory is loaded for the query; one just read from an input is read where it lies. */
async function tableSql(table: Table<object>, connection: DuckDBConnection): Promise<Sql> {
  if (table.origin !== undefined) return (table.origin as Relation).from; // set by `read` alone
  const rows = table as unknown as Table<Record<string, unknown>>; // any row is read by its columns' names
  const values = Object.fromEntries(rows.columnNames().map((name) => [name, rows.array(name)]));
  const columns = inferColumns(values);
  const batch = columns.map(({ name }) => values[name] ?? []);
  return (await loadColumns(connection, columns, [batch], "A table in the query")).from;
}

async function columnsOf(connection: DuckDBConnection, from: Sql): Promise<Columns> {
  const described = await describeQuery(connection, ["SELECT * FROM ", ...from]).catch(fail);
  return Object.fromEntries(described.map(({ name, type }) => [name, shapeOfType(name, type)]));
}

const KINDS: [RegExp, Exclude<ColumnKind, "bigint">][] = [
  [/^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/, "int"],
  [/^(DOUBLE|FLOAT|DECIMAL\(.*\))$/, "number"],
  [/^(VARCHAR|"NULL"|ENUM\(.*\))$/, "string"],
  [/^BOOLEAN$/, "boolean"],
  [/^(TIMESTAMP.*)$/, "timestamp"],
  [/^DATE$/, "date"],
];

function shapeOfType(name: string, type: string): Shape {
  const kind = KINDS.find(([pattern]) => pattern.test(type))?.[1];
  if (kind !== undefined) return { type: kind, nullable: true };
  throw new StepLabError(
    "table/unsupported-column",
    `Column "${name}" of the query is ${type}, which tables cannot keep.`,
    { hint: `Cast it: ${name}::varchar` },
  );
}

function fail(error: unknown): never {
  throw sqlError(error);
}

/** `a.table(schema)`: rows of one schema, Parquet on disk, a typed table in memory. */
import { copyFileSync, linkSync } from "node:fs";
import type { z } from "zod";
import type { Port } from "../../core/contract.ts";
import type { ArtifactDigest } from "../../core/digest.ts";
import { messageOf, StepLabError } from "../../core/error.ts";
import type { TableSummary } from "../../core/fact.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import type { Columns, Shape } from "../../core/shape.ts";
import { bindingOf } from "../bind.ts";
import { columnsOf, hasRowRules } from "../contract/shape-of.ts";
import type { InputKind, OutputKind } from "../contract/ports.ts";
import { publish, type Published } from "../publish.ts";
import { connectDuck, describeQuery, rowsOf, THREADS, withDuck } from "./duck.ts";
import { findMisfit, misfitError } from "./judge.ts";
import { quoteName, STORED_TYPES, typedColumns } from "./columns.ts";
import { batchesOf, loadColumns } from "./load.ts";
import {
  conversionsOf,
  demandColumns,
  type Conversion,
  PARQUET_MEDIA_TYPE,
  parquetFile,
  writeParquet,
} from "./parquet.ts";
import { readRows, readTable } from "./read.ts";
import { isQueryable, RELATION, type Queryable, type Relation } from "./relation.ts";
import type { Query } from "./sql.ts";
import { summarise } from "./summary.ts";
import { Table } from "./table.ts";

export type RowOf<S extends z.ZodObject> = z.infer<S>;

/** Anything with rows of one kind that need not be in memory: an input, a CSV file. Usable in `sql`. */
export interface TableSource<R extends object> extends Queryable {
  /** All rows in memory. */
  read(): Promise<Table<R>>;
  /** One row after the other; the whole is never in memory. */
  rows(): AsyncIterable<R>;
  /** Without reading the rows. */
  numRows(): Promise<number>;
  /** @internal For the compiler only. */
  readonly [ROWS]?: R;
}

/** For types only: two sources of different rows are different types, though their methods look alike. */
declare const ROWS: unique symbol;

/** What `write` takes: a table, rows, a query, or a source as it is. */
export type Writable<R extends object> =
  | Table<R>
  | Iterable<R>
  | AsyncIterable<R>
  | Query
  | TableSource<R>;

/** What an output declared with `a.table(schema)` takes. */
export interface TableOutput<R extends object> {
  /**
   * Writes the output's rows, in order, once a stage. The columns must be the schema's; every value is
   * checked, and the first that does not fit is named with its row and column.
   *
   * An input (or a table just read from one) is passed on as it is, copying nothing: the same artifact.
   */
  write(rows: Writable<R>): Promise<void>;
}

export interface TableKind<S extends z.ZodObject>
  extends InputKind<TableSource<RowOf<S>>>, OutputKind<TableOutput<RowOf<S>>> {
  readonly schema: S;
  /** Where an exploring notebook takes it from: `a.table(RawListing).from("collect.listings")`. */
  from(reference: string): TableKind<S>;
}

/** See `a.table`. @throws StepLabError `table/unsupported-column` */
export function tableKind<S extends z.ZodObject>(schema: S, from?: string): TableKind<S> {
  const columns = columnsOf(schema);
  // Told where it is declared, so that lint says it; a schema without columns is lint's own finding.
  if (Object.keys(columns).length > 0) typedColumns(columns);
  const port: Port = { kind: "table", columns, ...(from !== undefined && { from }) };
  return {
    schema,
    port,
    from: (reference) => tableKind(schema, reference),
    input: (name) => new TableInput<RowOf<S>>(name, port, columns, schema),
    output: (name) => ({
      write: (rows) => publish(name, (place) => writeTable(rows, name, columns, schema, place)),
    }),
  };
}

class TableInput<R extends object> implements TableSource<R> {
  readonly #name: string;
  readonly #port: Port;
  readonly #columns: Columns;
  readonly #schema: z.ZodObject;
  #opened: Promise<OpenedInput> | undefined;

  constructor(name: string, port: Port, columns: Columns, schema: z.ZodObject) {
    this.#name = name;
    this.#port = port;
    this.#columns = columns;
    this.#schema = schema;
  }

  async read(): Promise<Table<R>> {
    const origin = await this[RELATION]();
    return withDuck((connection) =>
      readTable<R>(connection, origin, this.#columns, this.#subject, origin),
    );
  }

  async *rows(): AsyncGenerator<R> {
    await using duck = await connectDuck();
    const { from } = await this[RELATION]();
    yield* readRows<R>(duck.connection, from, this.#columns, this.#subject);
  }

  async numRows(): Promise<number> {
    return countRows((await this.#open()).path);
  }

  async [RELATION](): Promise<Relation> {
    const { path, digest, conversions, exact } = await this.#open();
    if (exact)
      return {
        from: parquetFile(path),
        artifact: { digest },
        checked: { path, columns: this.#columns, schema: this.#schema },
      };
    const selected = conversions.map(
      ({ column, expression }) => `${expression} AS ${quoteName(column.name)}`,
    );
    return { from: [`(SELECT ${selected.join(", ")} FROM `, ...parquetFile(path), ")"] };
  }

  get #subject(): string {
    return `Input "${this.#name}"`;
  }

  /**
   * Checks what is bound against what is declared, once: it may come from outside (`-i`), or from a stage
   * whose schema has moved on.
   */
  #open(): Promise<OpenedInput> {
    this.#opened ??= this.#check().catch((error: unknown) => {
      this.#opened = undefined; // in JupyterLab the next attempt may find what this one missed
      throw error;
    });
    return this.#opened;
  }

  async #check(): Promise<OpenedInput> {
    const { path, digest } = await bindingOf(this.#name, this.#port);
    return withDuck(async (connection) => {
      const there = await describeQuery(connection, ["SELECT * FROM ", ...parquetFile(path)]).catch(
        (cause: unknown) => {
          throw unreadable(this.#subject, cause);
        },
      );
      const typed = typedColumns(this.#columns);
      demandColumns(typed, there, this.#subject, { extraAllowed: true });
      const conversions = conversionsOf(typed, there, this.#subject);
      const misfit = await findMisfit(connection, path, this.#columns, this.#schema);
      if (misfit !== undefined) throw misfitError(this.#subject, misfit);
      const exact =
        there.length === typed.length &&
        typed.every(({ name, kind }, at) => {
          const column = there[at];
          return column?.name === name && STORED_TYPES[kind].includes(column.type);
        });
      return { path, digest, conversions, exact };
    });
  }
}

interface OpenedInput {
  path: string;
  digest: ArtifactDigest;
  conversions: Conversion[];
  /** File and schema are one: the same columns in the same order, of the types that we write. */
  exact: boolean;
}

function unreadable(subject: string, cause: unknown): StepLabError {
  return new StepLabError(
    "table/unreadable",
    `${subject} is not a Parquet file that can be read: ${messageOf(cause)}`,
    { cause },
  );
}

/** Rows of a Parquet file, holding one connection as long as somebody reads. */
export async function* rowsOfFile<R extends object>(
  path: string,
  columns: Columns,
  subject: string,
): AsyncGenerator<R> {
  await using duck = await connectDuck();
  yield* readRows<R>(duck.connection, parquetFile(path), columns, subject);
}

/** From the file's footer: nothing of its rows is read. */
export async function countRows(path: string): Promise<number> {
  const [found] = await withDuck((connection) =>
    rowsOf(connection, ["SELECT count(*) AS rows FROM ", ...parquetFile(path)]),
  );
  return Number(found?.["rows"] ?? 0);
}

async function writeTable<R extends object>(
  rows: Writable<R>,
  name: string,
  columns: Columns,
  schema: z.ZodObject,
  place: (extension: string) => { path: string; staged: string },
): Promise<Published> {
  const subject = `Output "${name}"`;
  return withDuck(async (connection) => {
    const source = await relationOf(rows, connection, columns, subject);
    const { checked } = source;
    if (checked !== undefined && sameColumns(checked.columns, columns)) {
      // The columns say the same; rules in code are only the same when the schema is.
      const judged = checked.schema === schema || !hasCodeRules(columns, schema);
      const misfit = judged
        ? undefined
        : await findMisfit(connection, checked.path, columns, schema);
      if (misfit !== undefined) throw misfitError(subject, misfit);
      const summary = await summarise(connection, checked.path, columns);
      if (source.artifact !== undefined)
        return published(columns, summary, { digest: source.artifact.digest });
      const { path, staged } = place(".parquet");
      copyOrLink(checked.path, path);
      return published(columns, summary, { staged });
    }
    const { path, staged } = place(".parquet");
    await writeParquet(connection, source, columns, path, subject);
    const misfit = await findMisfit(connection, path, columns, schema);
    if (misfit !== undefined) throw misfitError(subject, misfit);
    return published(columns, await summarise(connection, path, columns), { staged });
  });
}

function published(
  columns: Columns,
  summary: TableSummary,
  where: Pick<Published, "staged" | "digest">,
): Published {
  return {
    kind: "table",
    mediaType: PARQUET_MEDIA_TYPE,
    ...where,
    schema: columns as unknown as Json, // shapes are plain JSON
    summary,
    ...(THREADS > 1 && { reproducible: false }),
  };
}

/** Columns whose values mean the same; descriptions may differ. */
function sameColumns(some: Columns, others: Columns): boolean {
  return canonicalJson(meaningOf(some)) === canonicalJson(meaningOf(others));
}

function hasCodeRules(columns: Columns, schema: z.ZodObject): boolean {
  return hasRowRules(schema) || Object.values(columns).some(({ refined }) => refined);
}

function meaningOf(columns: Columns): [string, Shape][] {
  return Object.entries(columns).map(([name, shape]) => [
    name,
    { ...shape, description: undefined },
  ]);
}

async function relationOf(
  rows: Writable<object>,
  connection: Parameters<Queryable[typeof RELATION]>[0],
  columns: Columns,
  subject: string,
): Promise<Relation> {
  if (rows instanceof Table) return relationOfTable(rows, connection, columns, subject);
  if (isQueryable(rows)) return rows[RELATION](connection);
  const typed = typedColumns(columns);
  const iterable = rows as Iterable<object> | AsyncIterable<object>; // what is left of Writable
  return loadColumns(connection, typed, batchesOf(iterable, typed, subject), subject);
}

async function relationOfTable(
  table: Table<object>,
  connection: Parameters<Queryable[typeof RELATION]>[0],
  columns: Columns,
  subject: string,
): Promise<Relation> {
  if (table.origin !== undefined) return table.origin as Relation; // set by `read` alone
  const typed = typedColumns(columns);
  const names: string[] = table.columnNames();
  // `table([])` cannot know its columns: no rows are no rows of any schema.
  if (names.length === 0) return loadColumns(connection, typed, [], subject);
  demandColumns(
    typed,
    names.map((name) => ({ name })),
    subject,
  );
  const values = typed.map(({ name }) => (table as Table<Record<string, unknown>>).array(name)); // demanded above
  return loadColumns(connection, typed, [values], subject);
}

/** A hard link costs nothing; scratch and staging may lie on different file systems. */
function copyOrLink(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // fails with the reason, if there is one
  }
}

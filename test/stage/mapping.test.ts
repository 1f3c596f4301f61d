import { copyFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Columns } from "../../core/shape.ts";
import { columnKind, typedColumns } from "../../stage/artifact/columns.ts";
import { shapeOf } from "../../stage/contract/shape-of.ts";
import { a, inputs, outputs, sql, table, z } from "../../stage/index.ts";
import { StageHost } from "../rig/stage-host.ts";

/** Every type a column may have, with values from its whole range. */
const COLUMNS = {
  int: [z.int(), fc.maxSafeInteger()],
  bounded: [z.int().min(-5).max(5), fc.integer({ min: -5, max: 5 })],
  bigint: [z.bigint(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  number: [z.number(), fc.double({ noNaN: true, noDefaultInfinity: true })],
  string: [z.string(), fc.string({ unit: "grapheme" })],
  boolean: [z.boolean(), fc.boolean()],
  timestamp: [
    z.date(),
    fc.date({
      noInvalidDate: true,
      min: new Date("0001-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59.999Z"),
    }),
  ],
  day: [
    z.iso.date(),
    fc
      .date({
        noInvalidDate: true,
        min: new Date("0000-01-01T00:00:00Z"),
        max: new Date("9999-12-31T00:00:00Z"),
      })
      .map((date) => date.toISOString().slice(0, 10)),
  ],
  choice: [z.enum(["a", "b'c", 'd"e']), fc.constantFrom("a", "b'c", 'd"e')],
} as const satisfies Record<string, [z.ZodType, fc.Arbitrary<unknown>]>;

const columns = Object.entries(COLUMNS);
const Row = z.object(
  Object.fromEntries(
    columns.flatMap(([name, [schema]]) => [
      [name, schema],
      [`${name}_or_null`, schema.nullable()],
    ]),
  ) as Record<string, z.ZodType>, // built by name
);
const row = fc.record(
  Object.fromEntries(
    columns.flatMap(([name, [, values]]) => [
      [name, values as fc.Arbitrary<unknown>],
      [`${name}_or_null`, fc.option(values as fc.Arbitrary<unknown>, { freq: 3 })],
    ]),
  ),
);

test("any row of any column types comes back from Parquet as it was written, -0 as 0 aside", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (rows) => {
      using writer = new StageHost();
      await outputs({ rows: a.table(Row) }).rows.write(rows);
      using reader = new StageHost({ inputs: { rows: { path: writer.staged("rows") } } });
      expect(reader.bindings?.inputs["rows"]).toBeDefined();
      const input = inputs({ rows: a.table(Row) });
      const expected = rows.map((value) => withoutMinusZero(value));
      const read = (await input.rows.read()).objects();
      expect(read.map((value) => withoutMinusZero(value))).toEqual(expected);
      // The other ways in: a table in memory and a query.
      const output = outputs({ table: a.table(Row), query: a.table(Row) });
      if (rows.length > 0) await output.table.write(table(rows) as never);
      await output.query.write(sql`select * from ${input.rows}`);
      expect(reader.output("query").summary).toMatchObject({ rows: rows.length });
    }),
    { numRuns: 25 },
  );
});

/** DuckDB keeps the sign of zero in DOUBLE, but whole numbers have none. */
function withoutMinusZero(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === 0 ? 0 : value]),
  );
}

test("what columns can keep is decided by the shape alone", () => {
  const kept: [z.ZodType, string | null][] = [
    [z.literal("a"), "string"],
    [z.literal(1), null],
    [z.union([z.literal("a"), z.enum(["b", "c"])]), "string"],
    [z.union([z.string(), z.number()]), null],
    [z.array(z.int()), null],
    [z.object({}), null],
    [z.string().optional(), null],
    [z.string().transform(Number), null],
    [z.string().default("x"), "string"],
    [z.email(), "string"],
  ];
  for (const [schema, kind] of kept) expect(columnKind(shapeOf(schema))).toBe(kind);
});

test("contracts say the same columns after a trip through JSON", () => {
  const shapes: Columns = Object.fromEntries(
    Object.entries(Row.shape).map(([name, schema]) => [name, shapeOf(schema)]),
  );
  expect(typedColumns(JSON.parse(JSON.stringify(shapes)) as Columns)).toEqual(typedColumns(shapes));
});

test("a table of a stage survives its stage: files are complete when write resolves", async () => {
  using writer = new StageHost();
  await outputs({ rows: a.table(z.object({ id: z.int() })) }).rows.write(idsUpTo(5000));
  const copy = join(writer.root, "copy.parquet");
  copyFileSync(writer.staged("rows"), copy);
  using _ = new StageHost({ inputs: { rows: { path: copy } } });
  expect(await inputs({ rows: a.table(z.object({ id: z.int() })) }).rows.numRows()).toBe(5000);
});

/** Rows that come one by one, as from a server. */
async function* idsUpTo(count: number): AsyncGenerator<{ id: number }> {
  for (let id = 0; id < count; id++) yield { id };
}

import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOfFile } from "../../core/digest.ts";
import { a, inputs, outputs, sql, table, z } from "../../stage/index.ts";
import { StageHost } from "../rig/stage-host.ts";

const Listing = z.object({
  id: z.int(),
  name: z.string().nullable(),
  price: z.number().positive(),
  borough: z.enum(["Bronx", "Queens"]),
  seen: z.date().nullable(),
  day: z.iso.date(),
  big: z.bigint(),
  open: z.boolean(),
});
type Listing = z.infer<typeof Listing>;

const row = (id: number, rest: Partial<Listing> = {}): Listing => ({
  id,
  name: `Löft №${id} 🌇`,
  price: 10 * id,
  borough: "Queens",
  seen: new Date(Date.UTC(2019, 4, id, 8, 30, 0, 123)),
  day: "2019-05-26",
  big: 9007199254740993n,
  open: true,
  ...rest,
});

let host: StageHost;
beforeEach(() => void (host = new StageHost()));
afterEach(() => host[Symbol.dispose]());

/** Writes rows in one stage; gives the path of the file they lie in, outside the stage's staging folder. */
async function stored<S extends z.ZodObject>(
  schema: S,
  rows: Iterable<z.infer<S>>,
): Promise<string> {
  using writer = new StageHost();
  await outputs({ rows: a.table(schema) }).rows.write(rows);
  const path = join(host.root, `stored-${Math.random().toString(36).slice(2)}.parquet`);
  copyFileSync(writer.staged("rows"), path);
  return path;
}

async function failure(
  promise: Promise<unknown>,
): Promise<{ code: unknown; message: string; hint: unknown }> {
  const error: unknown = await promise.then(
    () => new Error("nothing failed"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("not an error");
  return {
    code: "code" in error ? error.code : null,
    message: error.message,
    hint: "hint" in error ? error.hint : null,
  };
}

describe("a table that was written", () => {
  test("is read back with the same values, types and order", async () => {
    const rows = [row(2), row(1, { name: null, seen: null }), row(3, { name: "", open: false })];
    const path = await stored(Listing, rows);
    using _ = new StageHost({ inputs: { rows: { path } } });
    const input = inputs({ rows: a.table(Listing) });
    expect((await input.rows.read()).objects()).toEqual(rows);
    expect(await Array.fromAsync(input.rows.rows())).toEqual(rows);
    expect(await input.rows.numRows()).toBe(3);
  });

  test("has the Parquet types that other tools expect", async () => {
    const path = await stored(Listing, [row(1)]);
    const connection = await (await DuckDBInstance.create()).connect();
    const schema = await connection.runAndReadAll(
      `select name, type, converted_type from parquet_schema('${path}') where type is not null`,
    );
    expect(schema.getRows()).toEqual([
      ["id", "INT64", "INT_64"],
      ["name", "BYTE_ARRAY", "UTF8"],
      ["price", "DOUBLE", null],
      ["borough", "BYTE_ARRAY", "UTF8"],
      ["seen", "INT64", "TIMESTAMP_MILLIS"],
      ["day", "INT32", "DATE"],
      ["big", "INT64", "INT_64"],
      ["open", "BOOLEAN", null],
    ]);
  });

  test("has the same bytes whenever the same rows are written, as rows, table or query", async () => {
    const rows = Array.from({ length: 5000 }, (_, at) =>
      row((at % 28) + 1, { id: at, name: at % 3 ? "x" : null }),
    );
    const path = await stored(Listing, rows);
    using _ = new StageHost({ inputs: { rows: { path } } });
    const input = inputs({ rows: a.table(Listing) });
    const output = outputs({
      one: a.table(Listing),
      two: a.table(Listing),
      three: a.table(Listing),
    });
    await output.one.write(rows);
    await output.two.write((await input.rows.read()).filter(() => true));
    await output.three.write(sql`select * from ${input.rows}`);
    const stage = new StageHost(); // a second one, so that nothing is shared but the process
    stage[Symbol.dispose]();
    const digests = ["one", "two", "three"].map((name) => digestOfFile(_.staged(name)).digest);
    expect(new Set([digestOfFile(path).digest, ...digests]).size).toBe(1);
  });

  test("is summarised: rows, nulls, ranges, distinct values, histograms", async () => {
    const rows = Array.from({ length: 100 }, (_, at) =>
      row((at % 28) + 1, {
        id: at,
        price: at + 1,
        name: at < 7 ? null : `n${at}`,
        borough: at % 4 ? "Queens" : "Bronx",
      }),
    );
    await outputs({ rows: a.table(Listing) }).rows.write(rows);
    const { summary } = host.output("rows");
    expect(summary).toMatchObject({
      rows: 100,
      columns: {
        id: { nulls: 0, min: 0, max: 99, mean: 49.5, distinct: 100 },
        name: { nulls: 7, distinct: 93 },
        price: { min: 1, max: 100, histogram: { from: 1, to: 100, counts: Array(20).fill(5) } },
        borough: { histogram: { values: ["Queens", "Bronx"], counts: [75, 25] } },
        seen: { min: "2019-05-01T08:30:00.123Z", max: "2019-05-28T08:30:00.123Z" },
        day: { min: "2019-05-26", max: "2019-05-26", distinct: 1 },
      },
    });
    // Names and ids are nobody's business in a summary.
    expect(JSON.stringify(summary)).not.toContain("n93");
  });

  test("may be empty", async () => {
    const output = outputs({ rows: a.table(Listing), table: a.table(Listing) });
    await output.rows.write([]);
    await output.table.write(table<Listing>([]));
    expect(host.output("rows").summary).toMatchObject({ rows: 0 });
    expect(digestOfFile(host.staged("table"))).toEqual(digestOfFile(host.staged("rows")));
  });
});

describe("an input passed on", () => {
  const cases = {
    "as it is": (input: { rows: import("../../stage/index.ts").TableSource<Listing> }) =>
      input.rows,
    "as the table read from it": (input: {
      rows: import("../../stage/index.ts").TableSource<Listing>;
    }) => input.rows.read(),
  };
  test.each(Object.entries(cases))(
    "%s is the same artifact: nothing is copied",
    async (_name, pass) => {
      const path = await stored(Listing, [row(1), row(2)]);
      using stage = new StageHost({ inputs: { rows: { path } } });
      const input = inputs({ rows: a.table(Listing) });
      await outputs({ rows: a.table(Listing) }).rows.write(await pass(input));
      const fact = stage.output("rows");
      expect(fact.digest).toBe(digestOfFile(path).digest);
      expect(fact.staged).toBeUndefined();
      expect(fact.summary).toMatchObject({ rows: 2 });
    },
  );

  test("under a stricter schema is checked, and written anew", async () => {
    const path = await stored(Listing, [row(1), row(2)]);
    using stage = new StageHost({ inputs: { rows: { path } } });
    const Strict = Listing.extend({ price: z.number().max(15) });
    const input = inputs({ rows: a.table(Listing) });
    const written = outputs({ rows: a.table(Strict) }).rows.write(input.rows);
    expect((await failure(written)).message).toBe(
      'Output "rows", row 2, column "price": 20 is too large; it must be a number of at most 15.',
    );
    expect(stage.facts).toEqual([]);
  });

  test("under other rules in code is judged by them, and still not copied", async () => {
    const path = await stored(Listing, [row(1), row(2)]);
    using stage = new StageHost({ inputs: { rows: { path } } });
    const Odd = Listing.refine((d) => d.id % 2 === 1, "must be odd");
    const Small = Listing.refine((d) => d.id < 3, "must be small");
    const input = inputs({ rows: a.table(Listing) });
    const output = outputs({ odd: a.table(Odd), small: a.table(Small) });
    await expect(output.odd.write(input.rows)).rejects.toThrow('Output "odd", row 2: must be odd.');
    await output.small.write(input.rows);
    expect(stage.output("small").digest).toBe(digestOfFile(path).digest);
  });

  test("with fewer columns declared reads only those", async () => {
    const path = await stored(Listing, [row(1)]);
    using stage = new StageHost({ inputs: { rows: { path } } });
    const Narrow = Listing.pick({ price: true, id: true });
    const input = inputs({ rows: a.table(Narrow) });
    await outputs({ rows: a.table(Narrow) }).rows.write(input.rows);
    expect(stage.output("rows").digest).toBeUndefined();
    expect((await input.rows.read()).objects()).toEqual([{ price: 10, id: 1 }]);
  });
});

describe("what does not fit is refused, row and column named", () => {
  const cases: [string, unknown[], string][] = [
    [
      "a value of another type",
      [row(1), { ...row(2), price: "12" }],
      'Output "rows", row 2, column "price": "12" is not a number above 0.',
    ],
    [
      "a null",
      [row(1, { day: null as never })],
      'Output "rows", row 1, column "day": null is not a day (YYYY-MM-DD).',
    ],
    [
      "a missing value",
      [{ ...row(1), open: undefined }],
      'Output "rows", row 1, column "open": null is not true or false.',
    ],
    [
      "a bound",
      [row(1), row(2, { price: 0 }), row(3, { price: -1 })],
      'Output "rows", row 2, column "price": 0 is too small; it must be a number above 0. 2 rows have values like it.',
    ],
    [
      "an enum",
      [row(1, { borough: "Brnx" as "Bronx" })],
      'Output "rows", row 1, column "borough": "Brnx" is not one of "Bronx", "Queens".',
    ],
    [
      "a fraction for a whole number",
      [row(1, { id: 1.5 })],
      'Output "rows", row 1, column "id": 1.5 is not a whole number.',
    ],
    [
      "a number beyond the safe integers",
      [row(1, { id: 2 ** 53 })],
      'Output "rows", row 1, column "id": 9007199254740992 is beyond ±9007199254740991, where JavaScript\'s numbers are no longer exact: use z.bigint().',
    ],
    [
      "a bigint of more than 64 bits",
      [row(1, { big: 2n ** 63n })],
      'Output "rows", row 1, column "big": 9223372036854775808n does not fit into 64 bits.',
    ],
    [
      "text that was cut within a character",
      [row(1, { name: "flat 🏠".slice(0, 6) })],
      'Output "rows", row 1, column "name": "flat \\ud83c" holds half a surrogate pair, which is no text: a string was cut within a character.',
    ],
    [
      "no number at all",
      [row(1, { price: Number.NaN })],
      'Output "rows", row 1, column "price": NaN is not a number above 0.',
    ],
    [
      "an invalid date",
      [row(1, { seen: new Date(Number.NaN) })],
      'Output "rows", row 1, column "seen": an invalid date is not a time (ISO 8601, such as 2019-05-26T08:30:00Z), or null.',
    ],
    [
      "a day the calendar does not have",
      [row(1, { day: "2019-02-30" })],
      'Output "rows", row 1, column "day": "2019-02-30" is not a day (YYYY-MM-DD).',
    ],
    [
      "a column the schema does not know",
      [{ ...row(1), prize: 3 }],
      'Output "rows", row 1 has "prize", which the schema does not know.',
    ],
  ];
  test.each(cases)("%s", async (_name, rows, message) => {
    const written = outputs({ rows: a.table(Listing) }).rows.write(rows as Listing[]);
    expect((await failure(written)).message).toBe(message);
    expect(host.facts).toEqual([]);
  });

  test("a table without a column, or with one too many", async () => {
    const { rows } = outputs({ rows: a.table(Listing) });
    const renamed = table([row(1)])
      .derive({ prices: (d) => d.price })
      .drop("price");
    expect(await failure(rows.write(renamed as never))).toEqual({
      code: "table/columns",
      message: 'Output "rows" lacks "price", and has "prices", which the schema does not know.',
      hint: 'Rename "prices" to "price"?',
    });
  });

  test("rules of a column that only code can judge", async () => {
    const Even = z.object({
      id: z.int().refine((n) => n % 2 === 0, "must be even"),
      mail: z.email().nullable(),
    });
    const { rows } = outputs({ rows: a.table(Even) });
    const written = rows.write([
      { id: 2, mail: null },
      { id: 4, mail: "a@b.org" },
      { id: 5, mail: "c" },
      { id: 7, mail: null },
    ]);
    expect((await failure(written)).message).toBe(
      'Output "rows", row 3, column "id": 5: must be even. 2 rows have values like it.',
    );
  });

  test("rules across columns", async () => {
    const Range = z
      .object({ from: z.int(), to: z.int() })
      .refine((r) => r.from <= r.to, { message: "from must not exceed to", path: ["from"] });
    const { rows } = outputs({ rows: a.table(Range) });
    expect(
      (
        await failure(
          rows.write([
            { from: 1, to: 2 },
            { from: 3, to: 2 },
          ]),
        )
      ).message,
    ).toBe('Output "rows", row 2, column "from": from must not exceed to.');
  });

  test("columns that SQL would take for one, and one without a name", async () => {
    const Alike = z.object({ price: z.number(), Price: z.number(), "": z.int() });
    const error = await failure(Promise.try(() => a.table(Alike)));
    expect(error.message).toBe(
      'A column has an empty name.\nColumns "price" and "Price" differ in capitals only.',
    );
  });

  test("nested columns, for now", async () => {
    const Nested = z.object({
      id: z.int(),
      tags: z.array(z.string()),
      maybe: z.string().optional(),
    });
    const error = await failure(Promise.try(() => a.table(Nested)));
    expect(error.code).toBe("table/unsupported-column");
    expect(error.message).toBe(
      'Column "tags" is nested (array), which tables cannot keep yet: write it as JSON text, or as columns.\n' +
        'Column "maybe" is optional; a table knows null, so write .nullable().',
    );
  });
});

describe("what is bound is checked too: it may come from outside", () => {
  test("a missing column", async () => {
    const path = await stored(z.object({ id: z.int() }), [{ id: 1 }]);
    using _ = new StageHost({ inputs: { rows: { path } } });
    const read = inputs({
      rows: a.table(z.object({ id: z.int(), price: z.number() })),
    }).rows.read();
    expect((await failure(read)).message).toBe('Input "rows" lacks "price".');
  });
  test("a value out of bounds", async () => {
    const path = await stored(z.object({ id: z.int() }), [{ id: 1 }, { id: 7 }]);
    using _ = new StageHost({ inputs: { rows: { path } } });
    const read = inputs({ rows: a.table(z.object({ id: z.int().max(5) })) }).rows.read();
    expect((await failure(read)).message).toBe(
      'Input "rows", row 2, column "id": 7 is too large; it must be a whole number of at most 5.',
    );
  });
  test("a column of another type", async () => {
    const path = await stored(z.object({ id: z.string() }), [{ id: "1" }]);
    using _ = new StageHost({ inputs: { rows: { path } } });
    const read = inputs({ rows: a.table(z.object({ id: z.int() })) }).rows.read();
    expect((await failure(read)).message).toBe(
      'Input "rows": column "id" is VARCHAR; the schema wants a whole number (BIGINT).',
    );
  });
  test("a file that is no Parquet", async () => {
    using _ = new StageHost({ inputs: { rows: { path: import.meta.filename } } });
    const read = inputs({ rows: a.table(Listing) }).rows.read();
    expect((await failure(read)).code).toBe("table/unreadable");
  });
  test("whole numbers that JavaScript cannot hold name their row, and z.bigint()", async () => {
    const path = await stored(z.object({ id: z.bigint() }), [{ id: 1n }, { id: 2n ** 60n }]);
    using _ = new StageHost({ inputs: { rows: { path } } });
    const error = await failure(inputs({ rows: a.table(z.object({ id: z.int() })) }).rows.read());
    expect(error.message).toContain('Input "rows", row 2, column "id"');
  });
});

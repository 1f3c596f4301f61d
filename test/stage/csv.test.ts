import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StepLabError } from "../../core/error.ts";
import { a, inputs, outputs, sql, z } from "../../stage/index.ts";
import { listingsCsv, RawListing } from "../rig/listings.ts";
import { StageHost } from "../rig/stage-host.ts";

const Row = z.object({
  id: z.int().positive(),
  name: z.string().nullable(),
  price: z.number(),
  seen: z.date().nullable(),
  room: z.enum(["private", "shared"]),
});
const HEADER = "id,name,price,seen,room";

let files: StageHost;
let stages: DisposableStack;
beforeEach(() => {
  stages = new DisposableStack();
  files = stages.use(new StageHost());
});
afterEach(() => stages.dispose());

function csv<S extends z.ZodObject>(content: string | Uint8Array, schema: S) {
  const path = join(files.root, "delivery.csv");
  writeFileSync(path, content);
  stages.use(
    new StageHost({ inputs: { delivery: { path, kind: "file", mediaType: "text/csv" } } }),
  );
  return inputs({ delivery: a.file({ media: "text/csv" }) }).delivery.csv(schema);
}

async function read(content: string | Uint8Array): Promise<z.infer<typeof Row>[]> {
  return (await csv(content, Row).read()).objects();
}

async function hint(content: string, schema: z.ZodObject = Row): Promise<unknown> {
  return await csv(content, schema)
    .read()
    .then(
      () => "nothing failed",
      (reason: unknown) => (reason instanceof StepLabError ? reason.hint : reason),
    );
}

async function problem(content: string | Uint8Array, schema: z.ZodObject = Row): Promise<string> {
  const error: unknown = await csv(content, schema)
    .read()
    .then(
      () => "nothing failed",
      (reason: unknown) => reason,
    );
  return error instanceof Error ? error.message : String(error);
}

describe("well-formed files", () => {
  test("quotes, commas, line breaks, emoji and other scripts come through", async () => {
    const rows = await read(
      `${HEADER}\n1,"He said ""hi"", twice",1.5,2019-05-26,private\n2,"two\nlines",2,,shared\n3,东村 ✩ 🌇,-3e2,2019-05-26T08:30:00+02:00,private\n`,
    );
    expect(rows).toEqual([
      {
        id: 1,
        name: 'He said "hi", twice',
        price: 1.5,
        seen: new Date("2019-05-26T00:00:00Z"),
        room: "private",
      },
      { id: 2, name: "two\nlines", price: 2, seen: null, room: "shared" },
      {
        id: 3,
        name: "东村 ✩ 🌇",
        price: -300,
        seen: new Date("2019-05-26T06:30:00Z"),
        room: "private",
      },
    ]);
  });

  test("an unquoted empty field is missing, a quoted one is empty text", async () => {
    const rows = await read(`${HEADER}\n1,,1,,private\n2,"",1,,private\n`);
    expect(rows.map((row) => row.name)).toEqual([null, ""]);
  });

  test.each([
    ["a byte order mark", `\uFEFF${HEADER}\n1,a,1,,private\n`],
    ["CRLF", `${HEADER}\r\n1,a,1,,private\r\n`],
    ["no line break at the end", `${HEADER}\n1,a,1,,private`],
    ["CRLF and no line break at the end", `${HEADER}\r\n1,a,1,,private`],
    ["a quoted header", `"id","name","price","seen","room"\n1,a,1,,private\n`],
  ])("%s is fine", async (_name, content) => {
    expect(await read(content)).toEqual([
      { id: 1, name: "a", price: 1, seen: null, room: "private" },
    ]);
  });

  test("a file without rows is an empty table", async () => {
    expect(await read(`${HEADER}\n`)).toEqual([]);
  });

  test("rows stream, and are counted without being read", async () => {
    const source = csv(`${HEADER}\n1,a,1,,private\n2,b,1,,shared\n`, Row);
    expect(await source.numRows()).toBe(2);
    expect((await Array.fromAsync(source.rows())).map((row) => row.id)).toEqual([1, 2]);
  });
});

describe("the header must be the schema's columns in order", () => {
  test.each([
    ["a missing column", "id,name,price,seen\n", 'the header lacks "room".'],
    ["an extra column", `${HEADER},note\n`, 'it has "note", which the schema does not know.'],
    [
      "a misspelt column",
      "id,name,prices,seen,room\n",
      'the header lacks "price"; it has "prices", which the schema does not know (did you mean "price"?).',
    ],
    [
      "another order",
      "id,price,name,seen,room\n",
      'the columns are in another order than the schema\'s: column 2 is "price", not "name".',
    ],
    ["a repeated column", "id,id,name,price,seen,room\n", 'it has "id" more than once.'],
  ])("%s", async (_name, header, message) => {
    expect(await problem(`${header}1,a,1,,private\n`)).toBe(`Input "delivery": ${message}`);
  });
  test("an empty file", async () => {
    expect(await problem("")).toBe('Input "delivery" is empty: it has no header.');
  });
});

describe("the first row that does not fit is named: row, physical line, column, value, and what was expected", () => {
  const good = '1,"two\nlines",1,2019-05-26,private\n';
  test.each([
    ["text for a number", "2,a,cheap,,private", 'column "price": "cheap" is not a number.'],
    ["a decimal comma", '2,a,"1,5",,private', 'column "price": "1,5" is not a number.'],
    ["a thousands separator", "2,a,1_000,,private", 'column "price": "1_000" is not a number.'],
    ["a space", "2,a, 1,,private", 'column "price": " 1" is not a number.'],
    ["an infinity", "2,a,inf,,private", 'column "price": "inf" is not a number.'],
    [
      "a fraction for a whole number",
      "2.5,a,1,,private",
      'column "id": "2.5" is not a whole number above 0.',
    ],
    [
      "a whole number that is too large",
      "9007199254740993,a,1,,private",
      `column "id": "9007199254740993" is beyond ±9007199254740991, where JavaScript's numbers are no longer exact: use z.bigint().`,
    ],
    [
      "a bound",
      "-2,a,1,,private",
      'column "id": "-2" is too small; it must be a whole number above 0.',
    ],
    [
      "a day that is none",
      "2,a,1,2019-02-30,private",
      'column "seen": "2019-02-30" is not a time (ISO 8601, such as 2019-05-26T08:30:00Z), or null.',
    ],
    [
      "a day in another order",
      "2,a,1,26.05.2019,private",
      'column "seen": "26.05.2019" is not a time (ISO 8601, such as 2019-05-26T08:30:00Z), or null.',
    ],
    [
      "an unknown value of an enum",
      "2,a,1,,Private",
      'column "room": "Private" is not one of "private", "shared".',
    ],
    [
      "a missing value",
      "2,a,,,private",
      'column "price": The value is missing; it must be a number.',
    ],
  ])("%s", async (_name, row, message) => {
    expect(await problem(`${HEADER}\n${good}${row}\n3,b,1,,private\n`)).toBe(
      `Input "delivery", row 2 (line 4), ${message}`,
    );
  });

  test.each(["99999999999999999999", "-9223372036854775809"])(
    "a whole number beyond 64 bits: %s",
    async (id) => {
      const Large = z.object({ id: z.bigint() });
      expect(await problem(`id\n9223372036854775807\n${id}\n`, Large)).toBe(
        `Input "delivery", row 2 (line 3), column "id": "${id}" is beyond 64 bits: a column of whole numbers ends at 9223372036854775807.`,
      );
    },
  );
  test("a line that is cut off", async () => {
    expect(await problem(`${HEADER}\n${good}2,a,1`)).toBe(
      'Input "delivery", row 2 (line 4): The row has 3 fields, and the header has 5: it is cut off, or a field with commas is not quoted.',
    );
  });
  test("a field with a comma that nobody quoted", async () => {
    expect(await problem(`${HEADER}\n${good}2,a,b,1,,private\n`)).toContain("The row has 6 fields");
  });
  test("of several columns, the first row of each: a schema is mended at once", async () => {
    const rows = ["2,a,cheap,,private", "3,b,dear,soon,", "4,c", "x,d,1,,private"].join("\n");
    expect(await problem(`${HEADER}\n${good}${rows}\n`)).toBe(
      [
        'Input "delivery", row 2 (line 4), column "price": "cheap" is not a number.',
        'Also row 3 (line 5), column "seen": "soon" is not a time (ISO 8601, such as 2019-05-26T08:30:00Z), or null.',
        'Also row 3 (line 5), column "room": The value is missing; it must be one of "private", "shared".',
        "Also row 4 (line 6): The row has 2 fields, and the header has 5: it is cut off, or a field with commas is not quoted.",
        'Also row 5 (line 7), column "id": "x" is not a whole number above 0.',
      ].join("\n"),
    );
  });
  test("a file that ends inside quotes", async () => {
    expect(await problem(`${HEADER}\n${good}2,"a,1,,private\n`)).toBe(
      'Input "delivery", row 2 (line 4): The file ends inside a quoted field: it is cut off, or a quote is missing.',
    );
  });
  test("a quote that is not doubled", async () => {
    expect(await problem(`${HEADER}\n${good}2,"a "b" c",1,,private\n`)).toContain(
      'row 2 (line 4): After a closing quote there is "b"',
    );
  });
  test("bytes that are no UTF-8", async () => {
    const content = Buffer.concat([
      Buffer.from(`${HEADER}\n1,`),
      Buffer.from([0xe9]),
      Buffer.from(",1,,private\n"),
    ]);
    expect(await problem(content)).toBe(
      'Input "delivery" is not UTF-8: line 2 has bytes that UTF-8 does not have.',
    );
  });
  test("bytes that are no UTF-8, far into a file whose characters cross the reader's chunks", async () => {
    const content = Buffer.concat([
      Buffer.from(`${HEADER}\n${"1,村村村,1,,private\n".repeat(40_000)}1,`),
      Buffer.from([0xe9]),
      Buffer.from(",1,,private\n".repeat(3)),
    ]);
    expect(await problem(content)).toContain("line 40,002 has bytes");
  });
  test("lines are counted the same with CRLF", async () => {
    const crlf = `${HEADER}\n${good}2,a,cheap,,private\n`.replaceAll("\n", "\r\n");
    expect(await problem(crlf)).toBe(
      'Input "delivery", row 2 (line 4), column "price": "cheap" is not a number.',
    );
  });
  test("a rule that only code can judge", async () => {
    const Even = z.object({ id: z.int().refine((n) => n % 2 === 0, "must be even") });
    await expect(csv("id\n2\n4\n5\n", Even).read()).rejects.toThrow(
      'Input "delivery", row 3 (line 4), column "id": 5: must be even.',
    );
  });
});

describe("the sample of listings", () => {
  test("reads whole, writes to a checked Parquet artifact, and answers queries", async () => {
    const { path, real } = listingsCsv(join(files.root, "listings.csv"));
    const stage = stages.use(new StageHost({ inputs: { delivery: { path, kind: "file" } } }));
    const { delivery } = inputs({ delivery: a.file({ media: "text/csv" }) });
    const output = outputs({ listings: a.table(RawListing) });
    const source = delivery.csv(RawListing);
    await output.listings.write(source);
    expect(stage.output("listings").summary).toMatchObject({ rows: 20_000 });
    const [found] = (
      await sql`select count(*) n, sum(case when name is null then 1 else 0 end) unnamed from ${source}`.read()
    ).objects();
    expect(found?.["n"]).toBe(20_000);
    expect(found?.["unnamed"]).toBe(real ? 7 : 20);
    const listings = await source.read();
    if (real) {
      expect(listings.filter((d) => d.price >= 10 && d.price <= 350).numRows()).toBe(19_001);
      expect(listings.filter((d) => d.last_review === null).numRows()).toBe(4_123);
    }
  });

  test("a damaged line deep inside is found at its physical line", async () => {
    const { path } = listingsCsv(join(files.root, "listings.csv"));
    const text = readFileSync(path, "utf8");
    const lines = text.split("\n").length; // the appended one's number: the text ends with a line break
    const damaged = `${text}1,Last,1,host,Queens,Astoria,40.7,-73.9,Private room,100,1,0,,often,1,1\n`;
    await expect(csv(damaged, RawListing).read()).rejects.toThrow(
      `row 20,001 (line ${lines.toLocaleString("en-US")}), column "reviews_per_month": "often" is not a number, or null.`,
    );
  });
});

describe("who is refused is told how to go on", () => {
  const Price = z.object({ id: z.int(), price: z.number() });

  test("a missing value and a word where a number is expected: the schema may be widened", async () => {
    const wider =
      "Mend the file, or widen the schema: `.nullable()` where a value may be missing, `z.string()` where the stage converts it.";
    expect(await hint("id,price\n1,\n", Price)).toBe(wider);
    expect(await hint("id,price\n1,NA\n", Price)).toBe(wider);
    expect(await hint("id,price\n1,2,3\n", Price)).toBe(undefined);
  });

  test("semicolons or tabs between the fields: DuckDB reads such a file", async () => {
    expect(await hint("id;price\n1;2,5\n", Price)).toBe(
      'The fields seem to be separated by ";": DuckDB reads such a file, sql`select … from read_csv(${path}, delim = …)`.',
    );
    expect(await hint("id\tprice\n1\t2\n", Price)).toContain('separated by "\\t"');
    expect(await hint("nr,price\n1,2\n", Price)).toBe("The schema's columns, in order: id,price");
  });
});

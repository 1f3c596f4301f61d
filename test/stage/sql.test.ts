import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { a, inputs, outputs, sql, table, z } from "../../stage/index.ts";
import { StageHost } from "../rig/stage-host.ts";

const Listing = z.object({
  id: z.int(),
  borough: z.string(),
  price: z.number().nullable(),
  seen: z.date(),
});

let before: StageHost;
let host: StageHost;
beforeEach(async () => {
  before = new StageHost();
  await outputs({ listings: a.table(Listing) }).listings.write([
    { id: 1, borough: "Queens", price: 80.5, seen: new Date("2019-05-26T08:30:00.123Z") },
    { id: 2, borough: "Bro'nx", price: null, seen: new Date("2019-05-27T00:00:00Z") },
    { id: 3, borough: "Queens", price: 120, seen: new Date("2019-05-28T00:00:00Z") },
  ]);
  host = new StageHost({ inputs: { listings: { path: before.staged("listings") } } });
});
afterEach(() => {
  host[Symbol.dispose]();
  before[Symbol.dispose]();
});
const listings = () => inputs({ listings: a.table(Listing) }).listings;

describe("a query", () => {
  test("reads an input, its values typed", async () => {
    const found = await sql<
      z.infer<typeof Listing>
    >`select * from ${listings()} order by id desc`.read();
    expect(found.array("id")).toEqual([3, 2, 1]);
    expect(found.get("seen", 2)).toEqual(new Date("2019-05-26T08:30:00.123Z"));
    expect(found.get("price", 1)).toBeNull();
  });

  test("binds its values: none becomes part of the text", async () => {
    const evil = "Bro'nx' or 1=1 --";
    expect(await sql`select * from ${listings()} where borough = ${evil}`.numRows()).toBe(0);
    expect(await sql`select * from ${listings()} where borough = ${"Bro'nx"}`.numRows()).toBe(1);
  });

  test("binds numbers, booleans, dates, bigints, null and lists", async () => {
    const day = new Date("2019-05-27T00:00:00Z");
    const count = (query: { numRows(): Promise<number> }) => query.numRows();
    expect(await count(sql`select * from ${listings()} where price >= ${80.5} limit ${5}`)).toBe(2);
    expect(await count(sql`select * from ${listings()} where seen >= ${day}`)).toBe(2);
    expect(await count(sql`select * from ${listings()} where id = ${2n} and ${true}`)).toBe(1);
    expect(
      await count(sql`select * from ${listings()} where price is not distinct from ${null}`),
    ).toBe(1);
    expect(await count(sql`select * from ${listings()} where id in (${[1, 3, 9]})`)).toBe(2);
    expect(await count(sql`select * from ${listings()} where id in (${[]})`)).toBe(0);
  });

  test("draws what the stage's seed and its own text decide, in any order", async () => {
    const draw = () =>
      sql<{ x: number; id: string }>`select random() as x, uuid()::varchar as id`.read();
    const sample = () => sql<{ range: number }>`from range(1000) using sample 3 rows`.read();
    const once = [(await draw()).objects(), (await sample()).objects()];
    const again = [(await sample()).objects(), (await draw()).objects()].reverse();
    expect(again).toEqual(once);
    if (host.bindings) host.bind({ ...host.bindings, seed: "b".repeat(64) });
    expect((await draw()).objects()).not.toEqual(once[0]);
    expect((await sample()).objects()).not.toEqual(once[1]);
  });

  test("joins inputs, tables in memory and other queries", async () => {
    const rents = table([{ borough: "Queens", rent: 1900, since: new Date("2019-01-01") }]);
    const dear = sql`select * from ${listings()} where price > ${100}`;
    const joined = sql`select l.id, r.rent, year(r.since) y from ${dear} l join ${rents} r using (borough);`;
    expect((await joined.read()).objects()).toEqual([{ id: 3, rent: 1900, y: 2019 }]);
    expect(await Array.fromAsync(joined.rows())).toEqual([{ id: 3, rent: 1900, y: 2019 }]);
  });

  test("runs on one thread, in UTC, and downloads nothing: what it gives depends on its inputs alone", async () => {
    const [settings] = (
      await sql`select current_setting('threads') threads, current_setting('TimeZone') timezone,
        current_setting('autoinstall_known_extensions') installs`.read()
    ).objects();
    expect(settings).toEqual({ threads: 1, timezone: "UTC", installs: false });
  });

  test("says what is wrong with it", async () => {
    await expect(sql`select prize from ${listings()}`.read()).rejects.toMatchObject({
      code: "sql/failed",
      message: expect.stringContaining('Referenced column "prize" not found') as string,
    });
  });

  test("refuses what is no value", async () => {
    const query = sql`select ${undefined as never}`;
    await expect(query.read()).rejects.toThrow(
      "The 1. value of the query is undefined: give a table",
    );
  });

  test("two queries at once do not disturb each other", async () => {
    const counts = await Promise.all(
      [1, 2, 3].map((id) => sql`select * from ${listings()} where id <= ${id}`.numRows()),
    );
    expect(counts).toEqual([1, 2, 3]);
  });

  test("a reader that stops early frees its connection", async () => {
    for await (const row of sql`select * from ${listings()} order by id`.rows()) {
      expect(row["id"]).toBe(1);
      break;
    }
    expect(await listings().numRows()).toBe(3);
  });
});

describe("a query written into an output", () => {
  const Kept = z.object({ id: z.int(), n: z.int(), mean: z.number().nullable() });
  test("streams, its columns put into the schema's order and types", async () => {
    const { kept } = outputs({ kept: a.table(Kept) });
    await kept.write(
      sql`select avg(price) mean, sum(1) n, id from ${listings()} group by id order by id`,
    );
    expect(host.output("kept").summary).toMatchObject({
      rows: 3,
      columns: { n: { min: 1, max: 1 } },
    });
  });

  test("loses nothing in numbers: a fraction for a whole number is refused", async () => {
    const { kept } = outputs({ kept: a.table(Kept) });
    const written = kept.write(
      sql`select id, price as n, 1.5 as mean from ${listings()} order by id`,
    );
    await expect(written).rejects.toThrow(
      'Output "kept", row 1, column "n": 80.5 is not a whole number.',
    );
  });

  test("text is no number: it must be cast in the query", async () => {
    const { kept } = outputs({ kept: a.table(Kept) });
    await expect(
      kept.write(sql`select id, '3' n, price mean from ${listings()}`),
    ).rejects.toMatchObject({
      message: 'Output "kept": column "n" is VARCHAR; the schema wants a whole number (BIGINT).',
      hint: "Cast it where it is made: n::BIGINT",
    });
  });

  test("must have the schema's columns", async () => {
    const { kept } = outputs({ kept: a.table(Kept) });
    await expect(kept.write(sql`select id, 1 as m from ${listings()}`)).rejects.toThrow(
      'Output "kept" lacks "n", "mean", and has "m", which the schema does not know.',
    );
  });
});

import { DuckDBInstance, type DuckDBResultReader } from "@duckdb/node-api";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { a, check, ChecksFailed, inputs, outputs, table, z } from "../../stage/index.ts";
import { StageHost } from "../rig/stage-host.ts";

let host: StageHost;
beforeEach(() => void (host = new StageHost()));
afterEach(() => host[Symbol.dispose]());

const places = table(
  Array.from({ length: 30 }, (_, at) => ({
    id: at,
    name: `n${at}`,
    latitude: at % 2 ? 40.7 : 39.8,
  })),
);

/** The offending rows of the n-th check, read by DuckDB alone. */
async function keptRows(at: number): Promise<DuckDBResultReader> {
  const path = join(host.bindings?.staging ?? "", host.checks[at]?.rows?.staged ?? "");
  const connection = await (await DuckDBInstance.create()).connect();
  return await connection.runAndReadAll(`select * from '${path}'`);
}

test("a check that holds is recorded and shown, and the cell goes on", async () => {
  check("five boroughs", true, { rule: "exactly 5", value: 5 });
  expect(host.checks).toEqual([
    {
      fact: "check",
      name: "five boroughs",
      status: "passed",
      severity: "error",
      rule: "exactly 5",
      value: 5,
    },
  ]);
  expect(host.texts).toEqual(['✓ passed: "five boroughs": 5, rule: exactly 5']);
  await host.endCell();
});

test("all checks of a cell run; the cell fails at its end, and lists those that failed", async () => {
  check("first", false, { value: 3 });
  check.within("rows", 12, 15_000, 1_000_000);
  check("third", true);
  const ended = host.endCell();
  await expect(ended).rejects.toBeInstanceOf(ChecksFailed);
  await expect(ended).rejects.toMatchObject({
    name: "ChecksFailed",
    code: "check/failed",
    checks: ["first", "rows"],
    message: '2 checks failed:\n  "first": 3\n  "rows": 12, rule: 15,000 to 1,000,000',
  });
  // The next cell starts afresh: failing once is enough.
  await host.endCell();
});

test("a warning is recorded and shown, and fails nothing", async () => {
  check("fresh", false, { severity: "warn", value: "3 weeks old" });
  expect(host.checks[0]).toMatchObject({ status: "warned", severity: "warn" });
  expect(host.texts[0]).toBe('! warning: "fresh": "3 weeks old"');
  await host.endCell();
  await host.settle();
});

test("within takes both bounds, and NaN never lies within", () => {
  check.within("low", 1, 1, 2);
  check.within("high", 2, 1, 2);
  check.within("nothing", Number.NaN, 1, 2);
  expect(host.checks.map(({ status }) => status)).toEqual(["passed", "passed", "failed"]);
  expect(host.checks[2]?.value).toBe("NaN"); // JSON has no NaN
});

describe("a rule for every row", () => {
  test("counts the rows, shows the first ten cut to what may be shown, and keeps all as an artifact", async () => {
    await check.rows("inside the city", places, (d) => d.latitude >= 40.5, {
      show: ["id", "latitude"],
    });
    const [found] = host.checks;
    expect(found?.rows).toMatchObject({ failed: 15, total: 30 });
    expect(found?.rows?.first).toHaveLength(10);
    expect(found?.rows?.first[1]).toEqual({ row: 3, values: { id: 2, latitude: 39.8 } });
    expect(host.texts[0]).toBe(
      '✗ failed: "inside the city": 15 of 30 rows, first: row 1, id 0, latitude 39.8',
    );
    const kept = await keptRows(0);
    expect(kept.columnNames()).toEqual(["row", "id", "latitude"]);
    expect(kept.getRowsJson()).toHaveLength(15);
    expect(kept.getRowsJson()[14]).toEqual(["29", "28", 39.8]);
    expect(JSON.stringify(host.facts)).not.toContain("n2");
  });

  test("keeps its own rows, however alike the names of two checks are", async () => {
    const long = "every listing that is offered for the week lies inside the city's limits";
    const names = ["Größe ok", "Grüße ok", "gr e ok", `${long} (north)`, `${long} (south)`];
    for (const [at, name] of names.entries()) await check.rows(name, places, (d) => d.id !== at);
    for (const at of names.keys())
      expect((await keptRows(at)).getRowObjectsJson()).toEqual([
        { row: String(at + 1), id: String(at), name: `n${at}`, latitude: at % 2 ? 40.7 : 39.8 },
      ]);
  });

  test("keeps rows that no table could hold, as text", async () => {
    const odd: { Row: number; row: number; ROW: unknown }[] = [
      { Row: 1, row: 2, ROW: "text" },
      { Row: 3, row: 4, ROW: 5n },
      { Row: 6, row: 7, ROW: new Date(0) },
    ];
    await check.rows("odd", table(odd), () => false);
    const kept = await keptRows(0);
    expect(kept.columnNames()).toEqual(["row", "Row_", "ROW__"]);
    expect(kept.getRowsJson().map(([, , value]) => value)).toEqual([
      "text",
      "5",
      "1970-01-01T00:00:00.000Z",
    ]);
  });

  test("that holds keeps nothing", async () => {
    await check.rows("has an id", places, (d) => d.id >= 0);
    expect(host.checks[0]?.rows).toEqual({ failed: 0, total: 30, first: [] });
  });

  test("may be broken by a few", async () => {
    await check.rows("mostly inside", places, (d) => d.latitude >= 40.5, { atMost: 15 });
    expect(host.checks[0]?.status).toBe("passed");
    expect(host.checks[0]?.rows?.failed).toBe(15);
  });

  test("runs over an input row by row", async () => {
    const Place = z.object({ id: z.int() });
    await outputs({ places: a.table(Place) }).places.write([{ id: 1 }, { id: 2 }]);
    using next = new StageHost({ inputs: { places: { path: host.staged("places") } } });
    await check.rows("even", inputs({ places: a.table(Place) }).places, (d) => d.id % 2 === 0);
    expect(next.checks[0]?.rows).toMatchObject({ failed: 1, total: 2 });
  });

  test("names only columns that are there", () => {
    void (() => {
      // @ts-expect-error no such column
      void check.rows("x", places, (d) => d.lat > 0);
      // @ts-expect-error no such column
      void check.rows("x", places, () => true, { show: ["lat"] });
    });
    expect(places.columnNames()).toContain("latitude");
  });
});

test("two checks of one name are an error: the record is read by name", () => {
  check("same", true);
  expect(() => check("same", true)).toThrow('There is already a check "same" in this stage.');
});

test("in JupyterLab a cell with checks may run again", () => {
  using lab = new StageHost({ mode: "unbound" });
  check("same", true);
  check("same", true);
  expect(lab.checks).toHaveLength(2);
});

test("what data says is never markup", () => {
  check("<b>name</b>", false, { value: "<script>alert(1)</script>" });
  const html = host.shown[0]?.["text/html"];
  expect(html).not.toContain("<script>");
  expect(html).toContain("&lt;script&gt;");
});

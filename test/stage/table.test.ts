import { describe, expect, expectTypeOf, test } from "vitest";
import { desc, op, table, type Table } from "../../stage/index.ts";

interface Listing {
  id: number;
  borough: string;
  price: number | null;
  seen: Date | null;
}

const day = (n: number) => new Date(Date.UTC(2019, 4, n));
const listings = (): Table<Listing> =>
  table<Listing>([
    { id: 1, borough: "Queens", price: 80, seen: day(3) },
    { id: 2, borough: "Bronx", price: null, seen: null },
    { id: 3, borough: "Queens", price: 120, seen: day(1) },
    { id: 4, borough: "Bronx", price: 60, seen: day(2) },
  ]);

describe("the verbs", () => {
  test("filter takes a closure over anything", () => {
    const params = { minPrice: 70 };
    const kept = listings().filter((d) => (d.price ?? 0) >= params.minPrice);
    expect(kept.array("id")).toEqual([1, 3]);
    expect(kept.numRows()).toBe(2);
  });

  test("filter after filter counts the rows of its own table", () => {
    const seen: number[] = [];
    const kept = listings()
      .filter((d) => d.id > 1)
      .filter((d, index) => seen.push(index) > 0 && d.id !== 3);
    expect(seen).toEqual([0, 1, 2]);
    expect(kept.array("id")).toEqual([2, 4]);
  });

  test("derive adds and replaces columns, by row and by index, seeing the columns as they were", () => {
    const predictions = [1, 2];
    const derived = listings()
      .filter((d) => d.borough === "Queens")
      .derive({
        price: (d) => (d.price ?? 0) / 10,
        before: (d) => d.price,
        predicted: (_, index) => predictions[index] ?? Number.NaN,
      });
    expect(derived.columnNames()).toEqual([
      "id",
      "borough",
      "price",
      "seen",
      "before",
      "predicted",
    ]);
    expect(derived.select("price", "before", "predicted").objects()).toEqual([
      { price: 8, before: 80, predicted: 1 },
      { price: 12, before: 120, predicted: 2 },
    ]);
    expectTypeOf(derived.array("predicted")).toEqualTypeOf<number[]>();
  });

  test("a row is an ordinary object: it may be spread and kept", () => {
    const rows: Listing[] = [];
    listings().filter((d) => rows.push({ ...d }) > 0);
    expect(rows).toEqual(listings().objects());
  });

  test("select and drop", () => {
    expect(listings().select("borough", "id").columnNames()).toEqual(["borough", "id"]);
    expect(listings().drop("seen", "price").columnNames()).toEqual(["id", "borough"]);
  });

  test("groupby and rollup: aggregates skip nulls and keep their column's type", () => {
    const rolled = listings()
      .groupby("borough")
      .rollup({
        n: op.count(),
        mean: op.mean("price"),
        last: op.max("seen"),
        boroughs: op.distinct("borough"),
        upper: op.quantile("price", 1),
      });
    expect(rolled.objects()).toEqual([
      { borough: "Queens", n: 2, mean: 100, last: day(3), boroughs: 1, upper: 120 },
      { borough: "Bronx", n: 2, mean: 60, last: day(2), boroughs: 1, upper: 60 },
    ]);
    expectTypeOf(rolled.get("last")).toEqualTypeOf<Date | null>();
    expectTypeOf(rolled.get("borough")).toEqualTypeOf<string>();
  });

  test("aggregates of nothing: 0, NaN or null, never undefined", () => {
    const none = listings().filter(() => false);
    const rolled = none.rollup({
      n: op.count(),
      sum: op.sum("price"),
      mean: op.mean("price"),
      first: op.min("seen"),
    });
    expect(rolled.objects()).toEqual([{ n: 0, sum: 0, mean: Number.NaN, first: null }]);
  });

  test("orderby: several keys, nulls last either way, equal rows keep their order", () => {
    expect(listings().orderby("price").array("id")).toEqual([4, 1, 3, 2]);
    expect(listings().orderby(desc("price")).array("id")).toEqual([3, 1, 4, 2]);
    expect(listings().orderby("borough", desc("seen")).array("id")).toEqual([4, 2, 1, 3]);
    expect(listings().orderby("borough").array("id")).toEqual([2, 4, 1, 3]);
  });

  test("join keeps the left order, and null equals nothing", () => {
    const rents = table<{ price: number | null; rent: string }>([
      { price: 120, rent: "high" },
      { price: 80, rent: "fair" },
      { price: null, rent: "?" },
    ]);
    expect(listings().join(rents, "price").select("id", "rent").objects()).toEqual([
      { id: 1, rent: "fair" },
      { id: 3, rent: "high" },
    ]);
    const left = listings().join(rents, "price", { left: true });
    expect(left.array("rent")).toEqual(["fair", null, "high", null]);
    expectTypeOf(left.array("rent")).toEqualTypeOf<(string | null)[]>();
  });

  test("join on several columns, with several partners", () => {
    const left = table([
      { a: 1, b: "x" },
      { a: 1, b: "y" },
    ]);
    const right = table([
      { a: 1, b: "x", n: 1 },
      { a: 1, b: "x", n: 2 },
      { a: 2, b: "y", n: 3 },
    ]);
    expect(left.join(right, ["a", "b"]).objects()).toEqual([
      { a: 1, b: "x", n: 1 },
      { a: 1, b: "x", n: 2 },
    ]);
  });

  test("a join refuses columns that both sides have", () => {
    const joined = () => listings().join(listings(), "id");
    expect(joined).toThrow(
      'Both tables have "borough", "price", "seen", which the join is not made on.',
    );
  });

  test("verbs never change their table", () => {
    const before = listings();
    before
      .filter((d) => d.id > 2)
      .derive({ id: () => 0 })
      .orderby("id");
    expect(before.array("id")).toEqual([1, 2, 3, 4]);
  });

  test("arquero is one step away, and one step back", () => {
    const sliced = table<Listing>(listings().arquero.slice(1, 3));
    expect(sliced.array("id")).toEqual([2, 3]);
  });

  test("iteration gives rows in the table's order", () => {
    expect([...listings().orderby(desc("id"))].map((d) => d.id)).toEqual([4, 3, 2, 1]);
  });
});

describe("mistakes that the compiler cannot see", () => {
  const name = "prize" as "price"; // a name that came as data
  test("an unknown column is named, with the nearest there is", () => {
    expect(() => listings().array(name)).toThrow(
      'This table has no column "prize": did you mean "price"?',
    );
  });
  test("a row that is not there", () => {
    expect(() => listings().get("id", 4)).toThrow(
      'This table has 4 rows; get("id", 4) asks for row 4, counted from 0.',
    );
  });
});

test("columns may have any name", () => {
  const odd = table<Record<string, number>>([
    JSON.parse('{"__proto__": 1, "a b\\"c": 2, "constructor": 3}'),
  ]);
  const [row] = odd.filter(() => true).objects();
  expect(Object.entries(row ?? {})).toEqual([
    ["__proto__", 1],
    ['a b"c', 2],
    ["constructor", 3],
  ]);
});

test("wrong column names do not compile", () => {
  const t = listings();
  // Never called: only the compiler looks at it.
  void (() => {
    // @ts-expect-error no such column
    t.filter((d) => d.prize > 3);
    // @ts-expect-error no such column
    t.select("prize");
    // @ts-expect-error dropped columns are gone
    t.drop("price").array("price");
    // @ts-expect-error no such column in an aggregate
    t.rollup({ m: op.mean("prize") });
    // @ts-expect-error text has no mean
    t.rollup({ m: op.mean("borough") });
    // @ts-expect-error no such column
    t.orderby(desc("prize"));
    // @ts-expect-error keys must be columns of both
    t.join(table([{ other: 1 }]), "id");
    // @ts-expect-error after a rollup only groups and aggregates are there
    t.groupby("borough").rollup({ n: op.count() }).array("id");
    // @ts-expect-error a derived column has its function's type
    t.derive({ half: (d) => d.id / 2 }).filter((d) => d.half.length > 0);
  });
  expect(t.columnNames()).toEqual(["id", "borough", "price", "seen"]);
});

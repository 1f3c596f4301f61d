/** The modules that the example's stages share. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { featureLabel, features } from "../../notebooks/models/features.ts";
import { permutationImportance } from "../../notebooks/models/importance.ts";
import { mae, medianOf, r2 } from "../../notebooks/models/scores.ts";
import { REFERENCE_LISTINGS, klDivergence, shares } from "../../notebooks/models/shares.ts";
import { stratifiedSplit } from "../../notebooks/models/split.ts";
import { COLUMNS, generateListings } from "../../notebooks/sample/generate.ts";
import { RawListing } from "../../notebooks/schemas/listing.ts";
import { table } from "../../stage/index.ts";

describe("the split", () => {
  const ids = Array.from({ length: 1000 }, (_, at) => 17 * at + 3);
  const strata = ids.map((_, at) => (at % 10 === 0 ? "small" : "large"));
  const split = stratifiedSplit(ids, strata);

  test("gives each stratum a fifth for the test and a fifth of the rest for validation", () => {
    for (const [stratum, size] of [
      ["small", 100],
      ["large", 900],
    ] as const) {
      const parts = ids.filter((_, at) => strata[at] === stratum).map((id) => split.get(id));
      expect(parts.filter((part) => part === "test").length).toBe(0.2 * size);
      expect(parts.filter((part) => part === "valid").length).toBe(0.16 * size);
    }
  });

  test("does not depend on the order of the rows", () => {
    const again = stratifiedSplit(ids.toReversed(), strata.toReversed());
    for (const id of ids) expect(again.get(id)).toBe(split.get(id));
  });

  test("is another with another salt, and the same for ever with the chain's", () => {
    const other = stratifiedSplit(ids, strata, "other");
    expect(ids.some((id) => other.get(id) !== split.get(id))).toBe(true);
    expect(ids.slice(0, 6).map((id) => split.get(id))).toMatchInlineSnapshot(`
      [
        "train",
        "train",
        "train",
        "train",
        "test",
        "train",
      ]
    `);
  });
});

describe("the mix of boroughs", () => {
  test("is 0 bits from itself, whatever the size of the delivery", () => {
    const tenth = Object.fromEntries(
      Object.entries(REFERENCE_LISTINGS).map(([name, count]) => [name, count * 10]),
    );
    expect(klDivergence(tenth, REFERENCE_LISTINGS)).toBeCloseTo(0, 12);
  });

  test("diverges as the definition says, in bits", () => {
    // 3/4 log2(3/2) + 1/4 log2(1/2)
    expect(klDivergence({ a: 3, b: 1 }, { a: 1, b: 1 })).toBeCloseTo(0.188721875540867, 12);
  });

  test("is never closer than 0, and leaves out names the reference does not know", () => {
    const counts = fc.record({
      a: fc.integer({ min: 1, max: 99 }),
      b: fc.integer({ min: 1, max: 99 }),
    });
    fc.assert(
      fc.property(counts, counts, (one, other) => {
        expect(klDivergence(one, other)).toBeGreaterThanOrEqual(-1e-12);
        expect(klDivergence({ ...one, c: 5 }, other)).toBe(klDivergence(one, other));
      }),
    );
  });

  test("is told as shares of one", () => {
    expect(shares({ a: 1, b: 3 })).toEqual([
      { name: "a", share: 0.25 },
      { name: "b", share: 0.75 },
    ]);
  });
});

test("figures are those of the textbook", () => {
  expect(mae([1, 2, 3], [2, 2, 5])).toBe(1);
  expect(r2([1, 2, 3], [1, 2, 3])).toBe(1);
  expect(r2([1, 2, 3], [2, 2, 2])).toBe(0);
  expect(medianOf([3, 1, 2])).toBe(2);
  expect(medianOf([4, 1, 2, 3])).toBe(2.5);
});

test("a feature that a model does not listen to costs nothing, the one it listens to most", async () => {
  const rows = table([1, 2, 3, 4, 5, 6].map((size) => ({ noise: size % 2, size })));
  const model = {
    steps: [],
    apply: (asked: typeof rows) =>
      Promise.resolve(table(asked.array("size").map((predicted) => ({ predicted })))),
  };
  const importances = await permutationImportance(model as never, rows, rows.array("size"));
  // Turned by a third, 1..6 become 3, 4, 5, 6, 1, 2: off by 2, 2, 2, 2, 4, 4.
  expect(importances).toEqual([
    { feature: "size", costs: 16 / 6 },
    { feature: "noise", costs: 0 },
  ]);
});

describe("features", () => {
  const listing = {
    name: "Loft by the park",
    neighbourhood_group: "Manhattan",
    neighbourhood: "Harlem",
    latitude: 40.8,
    longitude: -73.95,
    room_type: "Private room" as const,
    minimum_nights: 7,
    last_review: new Date("2019-07-01") as Date | null,
    price: 100,
  };

  test("of a listing are the same alone, in another delivery, and next year", async () => {
    const rows = [listing, { ...listing, name: "Room", neighbourhood: "Chelsea", price: 60 }];
    const fitted = await features().fit(table(rows), { target: "price" });
    const [first] = (await fitted.apply(rows)).objects();
    const later = { ...listing, last_review: new Date("2026-07-01"), name: "Another" };
    expect((await fitted.apply([later, listing])).objects()[1]).toEqual(first);
    expect(first).toMatchObject({ "last_review:days": 7, "room_type:rank": 1, name_length: 16 });
  });

  test("measure the way along the avenues, across them, and to Midtown", async () => {
    const fitted = await features().fit(table([listing]), { target: "price" });
    // A degree of latitude north along the avenues' 29 degrees: uptown cos 29°, crosstown cos 119°.
    const north = { ...listing, latitude: 40.7549 + 1, longitude: -73.984 };
    const [row] = (await fitted.apply([north])).objects();
    expect(row?.uptown).toBeCloseTo(Math.cos((29 * Math.PI) / 180), 12);
    expect(row?.crosstown).toBeCloseTo(-Math.sin((29 * Math.PI) / 180), 12);
    expect(row?.midtown_distance).toBeCloseTo(1, 12);
  });

  test("have names that people say", () => {
    expect(
      ["midtown_distance", "name:loft", "neighbourhood_group:Bronx", "room_type:rank"].map(
        featureLabel,
      ),
    ).toEqual(["midtown distance", '"loft" in the name', "in Bronx", "room type: rank"]);
  });
});

describe("the generated sample", () => {
  const text = generateListings({ rows: 2000, seed: 7 });

  test("has the delivery's columns, in order, and follows from its seed", () => {
    expect(text.slice(0, text.indexOf("\n"))).toBe(COLUMNS.join(","));
    expect([...COLUMNS]).toEqual(Object.keys(RawListing.shape));
    expect(generateListings({ rows: 2000, seed: 7 })).toBe(text);
    expect(generateListings({ rows: 2000, seed: 8 })).not.toBe(text);
  });

  test("holds what breaks naive readers: quotes, commas, line breaks, emoji, CJK, gaps", () => {
    for (const awkward of ['""', ", NYC", "\nno fees", "🗽", "曼哈顿", ",,,"])
      expect(text).toContain(awkward);
    expect(text.split("\n").length).toBeGreaterThan(2002);
  });
});

/** The modules that the example's stages share. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { featureLabel, features } from "../../notebooks/models/features.ts";
import { permutationImportance } from "../../notebooks/models/importance.ts";
import { mae, medianOf, r2 } from "../../notebooks/models/scores.ts";
import { REFERENCE_LISTINGS, klDivergence, shares } from "../../notebooks/models/shares.ts";
import { table } from "../../stage/index.ts";

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

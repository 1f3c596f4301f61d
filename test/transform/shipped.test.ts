/** The transformers that ship: what they learn, what they add, and what they must never see. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { table, type Table } from "../../stage/artifact/table.ts";
import {
  chain,
  daysSince,
  impute,
  numbersOf,
  oneHot,
  ordinal,
  targetMean,
  transformer,
  words,
} from "../../stage/transform/index.ts";

/** Keeps what it was fitted on: what a model behind the encoding gets to see. */
const witness = transformer({
  name: "witness",
  params: z.object({ column: z.string() }),
  state: z.object({ seen: z.array(z.number()) }),
  fit: (rows: Table<object>, _y, { column }) => ({ seen: [...numbersOf(rows, column)] }),
  apply: () => ({}),
});

async function encodedInFit(rows: { place: string | null; price: number }[]): Promise<number[]> {
  const fitted = await chain(targetMean("place"), witness({ column: "place:mean" })).fit(
    table(rows),
    { target: "price" },
  );
  return fitted.stateOf(witness).seen;
}

describe("targetMean", () => {
  const places = fc.array(
    fc.record({
      place: fc.option(fc.constantFrom("Harlem", "Chelsea", "Inwood", "__proto__", "null")),
      price: fc.integer({ min: 1, max: 1000 }),
    }),
    { minLength: 2, maxLength: 40 },
  );

  test("never shows a row of the fit its own target", async () => {
    await fc.assert(
      fc.asyncProperty(
        places,
        fc.nat(),
        fc.integer({ min: 1, max: 1e6 }),
        async (rows, n, price) => {
          const row = n % rows.length;
          const changed = rows.map((each, at) => (at === row ? { ...each, price } : each));
          expect((await encodedInFit(changed))[row]).toBe((await encodedInFit(rows))[row]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("gives applied rows the mean of their value, pulled towards the overall mean", async () => {
    const rows = table([
      { place: "Harlem", price: 100 },
      { place: "Harlem", price: 200 },
      { place: "Chelsea", price: 300 },
    ]);
    const fitted = await targetMean("place", { smoothing: 1 }).fit(rows, { target: "price" });
    const answers = await fitted.apply([
      { place: "Harlem" },
      { place: "Chelsea" },
      { place: null },
    ]);
    // (sum + 1 * 200) / (count + 1); what was not seen is the overall mean.
    expect([...answers.array("place:mean")]).toEqual([500 / 3, 250, 200]);
  });

  test("encodes a row alike whoever is asked with it", async () => {
    await fc.assert(
      fc.asyncProperty(places, async (rows) => {
        const fitted = await targetMean("place").fit(table(rows), { target: "price" });
        const together = [...(await fitted.apply(rows)).array("place:mean")];
        for (const [at, row] of rows.entries())
          expect((await fitted.apply([row])).get("place:mean")).toBe(together[at]);
      }),
      { numRuns: 20 },
    );
  });
});

describe("words", () => {
  const names = table([
    { name: "Sunny loft in Harlem" },
    { name: "SUNNY room, sunny kitchen" },
    { name: "Loft 曼哈顿 ✩" },
    { name: null },
  ]);

  test("takes the most frequent words, ties in the order of their letters, without stop words", async () => {
    const fitted = await words("name", { top: 3, normalize: false }).fit(names);
    const added = (await fitted.apply(names)).drop("name");
    expect(added.columnNames()).toEqual(["name:loft", "name:sunny", "name:harlem"]);
  });

  test("weighs a word by how often it occurs in the text and how rare it is among them", async () => {
    const fitted = await words("name", { top: 3, normalize: false }).fit(names);
    const answers = await fitted.apply(names);
    const weight = (rows: number): number => Math.log(5 / (1 + rows)) + 1; // scikit-learn, smooth_idf
    expect([...answers.array("name:sunny")]).toEqual([weight(2), 2 * weight(2), 0, 0]);
    expect([...answers.array("name:harlem")]).toEqual([weight(1), 0, 0, 0]);
  });

  test("makes each text's weights one long when asked to normalise, and leaves texts without words at 0", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string(), { minLength: 1, maxLength: 20 }), async (texts) => {
        const rows = table(texts.map((name) => ({ name })));
        const answers = (await (await words("name", { top: 10 }).fit(rows)).apply(rows)).drop(
          "name",
        );
        for (const row of answers.objects()) {
          const length = Math.hypot(...Object.values(row));
          expect(length === 0 || Math.abs(length - 1) < 1e-12).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("does not know words that only applied rows have", async () => {
    const fitted = await words("name", { top: 3 }).fit(names);
    const answers = await fitted.apply([{ name: "Penthouse" }]);
    expect(Object.values(answers.drop("name").objects()[0] ?? {})).toEqual([0, 0, 0]);
  });
});

describe("impute", () => {
  test("replaces what is missing by the median of the fitted rows, not of the applied ones", async () => {
    const fitted = await impute("rate").fit(
      table([{ rate: 1 }, { rate: null }, { rate: 3 }, { rate: 8 }]),
    );
    const answers = await fitted.apply([{ rate: null }, { rate: 100 }, { rate: Number.NaN }]);
    expect([...answers.array("rate")]).toEqual([3, 100, 3]);
  });

  test.each([
    ["mean", 4],
    ["median", 3],
    ["zero", 0],
  ] as const)("fills with the %s", async (how, expected) => {
    const fitted = await impute(["rate"], { with: how }).fit(
      table([{ rate: 1 }, { rate: 3 }, { rate: 8 }]),
    );
    expect([...(await fitted.apply([{ rate: null }])).array("rate")]).toEqual([expected]);
  });

  test("fills a column that was missing throughout with 0", async () => {
    const fitted = await impute("rate").fit(table([{ rate: null }, { rate: null }]));
    expect([...(await fitted.apply([{ rate: null }])).array("rate")]).toEqual([0]);
  });
});

test("oneHot adds a column a value, sorted, and values not seen are 0 everywhere", async () => {
  const fitted = await oneHot("kind").fit(
    table([{ kind: "house" }, { kind: "flat" }, { kind: null }]),
  );
  const answers = await fitted.apply([{ kind: "flat" }, { kind: "boat" }, { kind: null }]);
  expect(answers.drop("kind").objects()).toEqual([
    { "kind:flat": 1, "kind:house": 0 },
    { "kind:flat": 0, "kind:house": 0 },
    { "kind:flat": 0, "kind:house": 0 },
  ]);
});

test("ordinal adds the place in the order given, NaN where there is none", async () => {
  const fitted = await ordinal("size", ["small", "large"]).fit(table([{ size: "small" as const }]));
  const rows = table([{ size: "large" }, { size: "small" }, { size: null }]) as Table<{
    size: "small" | "large" | null;
  }>;
  expect([...(await fitted.apply(rows)).array("size:rank")]).toEqual([1, 0, Number.NaN]);
});

describe("daysSince", () => {
  const day = (text: string): Date => new Date(`${text}T00:00:00Z`);
  const seen = table([{ seen: day("2019-07-01") }, { seen: day("2019-07-08") }, { seen: null }]);

  test("counts to the newest date it was fitted on, whatever it is asked with later", async () => {
    const fitted = await daysSince("seen").fit(seen);
    const answers = await fitted.apply([
      { seen: day("2019-07-01") },
      { seen: day("2026-07-08") },
      { seen: null },
    ]);
    expect([...answers.array("seen:days")]).toEqual([7, -2557, Number.NaN]);
  });

  test("counts to the reference given", async () => {
    const fitted = await daysSince("seen", { reference: "2019-07-10" }).fit(seen);
    expect([...(await fitted.apply(seen)).array("seen:days")]).toEqual([9, 2, Number.NaN]);
  });

  test("refuses a reference that is no date", () => {
    expect(() => daysSince("seen", { reference: "last week" })).toThrow(
      /reference: Invalid ISO date/,
    );
  });
});

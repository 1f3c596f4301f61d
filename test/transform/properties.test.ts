/** What every transformer that ships promises, for any rows. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { table, type Table } from "../../stage/artifact/table.ts";
import {
  daysSince,
  impute,
  oneHot,
  ordinal,
  targetMean,
  words,
} from "../../stage/transform/index.ts";
import { decodeState, encodeState } from "../../stage/transform/state.ts";
import { FittedChain } from "../../stage/transform/chain.ts";
import type { Fitted, Transformer } from "../../stage/transform/types.ts";

type Row = {
  size: number | null;
  kind: string | null;
  day: Date | null;
  price: number;
};

// Sums of whole numbers are exact in any order; of others, the last bit hangs on it.
const row: fc.Arbitrary<Row> = fc.record({
  size: fc.option(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant(NaN))),
  kind: fc.option(
    fc.oneof(
      fc.constantFrom("Loft", "room, big", "曼哈顿 Loft", "", "null", "__proto__"),
      fc.string(),
    ),
  ),
  day: fc.option(fc.date({ min: new Date(0), max: new Date("2030-01-01"), noInvalidDate: true })),
  price: fc.integer({ min: 1, max: 1000 }),
});
const rows = fc.array(row, { minLength: 1, maxLength: 25 });

/** All take what `Row` has; each is given one column to work on. */
type OfRows = Transformer<Row, object>;
const SHIPPED: [name: string, make: () => OfRows][] = [
  ["impute", () => impute("size")],
  ["impute with the mean", () => impute("size", { with: "mean" })],
  ["oneHot", () => oneHot("kind")],
  ["ordinal", () => ordinal<"kind", string>("kind", ["Loft", "null"])],
  ["targetMean", () => targetMean("kind", { folds: 3 })],
  ["words", () => words("kind", { top: 4 })],
  ["daysSince", () => daysSince("day")],
];

const fit = (make: () => OfRows, given: Row[]): Promise<Fitted<Row, object>> =>
  make().fit(columnsOf(given), { target: "price" });

/** With its columns also where there are no rows. */
function columnsOf(given: readonly Row[]): Table<Row> {
  return table({
    size: given.map(({ size }) => size),
    kind: given.map(({ kind }) => kind),
    day: given.map(({ day }) => day),
    price: given.map(({ price }) => price),
  });
}

/** Rows as pairs: the order of the columns counts too, because models behind are fitted by it. */
async function answers(fitted: Fitted<Row, object>, given: readonly Row[]): Promise<unknown[]> {
  const answered = await fitted.apply(columnsOf(given));
  return answered.objects().map((each) => Object.entries(each));
}

/** Rows, and the same in another order with where each went. */
const reordered = rows.chain((given) =>
  fc.record({
    given: fc.constant(given),
    places: fc.shuffledSubarray([...given.keys()], {
      minLength: given.length,
      maxLength: given.length,
    }),
  }),
);

describe.each(SHIPPED)("%s", (_name, make) => {
  test("answers a row by that row alone, whatever stands beside it and in which order", async () => {
    await fc.assert(
      fc.asyncProperty(rows, reordered, async (known, { given, places }) => {
        const fitted = await fit(make, known);
        const straight = await answers(fitted, given);
        const turned = await answers(
          fitted,
          places.map((place) => given[place]!), // places of given's rows
        );
        expect(turned).toEqual(places.map((place) => straight[place]));
      }),
      { numRuns: 30 },
    );
  });

  test("learns the same from the same rows in another order", async () => {
    await fc.assert(
      fc.asyncProperty(reordered, async ({ given, places }) => {
        const [one, other] = await Promise.all([
          fit(make, given),
          fit(
            make,
            places.map((place) => given[place]!), // as above
          ),
        ]);
        expect(await answers(other, given)).toEqual(await answers(one, given));
      }),
      { numRuns: 30 },
    );
  });

  test("never changes the rows it is given, in fit or in apply", async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (given) => {
        const asked = columnsOf(given);
        const before = structuredClone(asked.objects());
        const fitted = await make().fit(asked, { target: "price" });
        const added = await fitted.apply(asked);
        expect(asked.objects()).toEqual(before);
        expect(added.numRows()).toBe(given.length);
      }),
      { numRuns: 30 },
    );
  });

  test("fitted on no rows at all still answers, one row for each", async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (given) => {
        const fitted = await fit(make, []);
        expect((await answers(fitted, given)).length).toBe(given.length);
        expect(await answers(fitted, [])).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });

  test("answers the same, to the bit, when its state has been stored and read", async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, async (known, given) => {
        const fitted = await fit(make, known);
        const steps = fitted.steps.map((step) => {
          const { json, arrays } = encodeState(step.state, "0");
          const read = decodeState(JSON.parse(JSON.stringify(json)), (file) => arrays.get(file)!); // encoded just above
          return { ...step, state: step.definition.state.parse(read) };
        });
        const loaded = new FittedChain<Row, object, never>(steps);
        expect(await answers(loaded, given)).toStrictEqual(await answers(fitted, given));
      }),
      { numRuns: 30 },
    );
  });
});

test("a column whose values have no text is refused, with its row", async () => {
  const rows = table([{ kind: "Loft" }, { kind: { floor: 2 } }]);
  await expect(oneHot("kind").fit(rows as never)).rejects.toMatchObject({
    code: "transform/no-text",
    message: 'Column "kind" of row 2 is {"floor":2}, which is no text.',
  });
});

test("numbers, booleans and dates are texts as they print, whatever the machine's place and language", async () => {
  const day = new Date("2019-07-08T12:00:00Z");
  const rows = table({ kind: [1.5, 7n, true, day, null] });
  const fitted = await oneHot("kind").fit(rows as never);
  const added = (await fitted.apply(rows as never)).columnNames().slice(1);
  expect(added).toEqual(["kind:1.5", "kind:2019-07-08T12:00:00.000Z", "kind:7", "kind:true"]);
});

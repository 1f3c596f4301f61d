/** Fitting and applying: what transformers and chains promise. */
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { table, type Table } from "../../stage/artifact/table.ts";
import {
  chain,
  daysSince,
  impute,
  oneHot,
  ordinal,
  transformer,
} from "../../stage/transform/index.ts";

/** Centres a column by its mean, with a pinch of noise when asked. */
const centre = transformer({
  name: "centre",
  params: z.object({ noise: z.number().min(0).default(0) }),
  state: z.object({ mean: z.number() }),
  fit: (rows: Table<{ size: number }>, _y, { noise }, { random, onStep }) => {
    const sizes = rows.array("size");
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length + noise * random();
    onStep(1, mean);
    return { mean };
  },
  apply: ({ mean }, rows) => ({ centred: rows.array("size").map((size) => size - mean) }),
});

/** Predicts the mean target of the rows on the same side of the mean size. */
const halves = transformer({
  name: "halves",
  params: z.object({}),
  state: z.object({ low: z.number(), high: z.number() }),
  fit: (rows: Table<{ centred: number }>, y) => {
    const mean = (wanted: boolean): number => {
      const some = [...y].filter((_, row) => rows.get("centred", row) > 0 === wanted);
      return some.reduce((sum, target) => sum + target, 0) / Math.max(1, some.length);
    };
    return { low: mean(false), high: mean(true) };
  },
  apply: ({ low, high }, rows) => ({
    predicted: rows.array("centred").map((size) => (size > 0 ? high : low)),
  }),
});

const flats = table([
  { id: 1, size: 20, kind: "studio", price: 80 },
  { id: 2, size: 30, kind: "flat", price: 90 },
  { id: 3, size: 70, kind: "flat", price: 150 },
  { id: 4, size: 80, kind: "house", price: 170 },
]);

test("a chain fits each step on what the steps before it give", async () => {
  const fitted = await chain(centre(), halves()).fit(flats, { target: "price" });
  expect(fitted.stateOf(centre)).toEqual({ mean: 50 });
  expect(fitted.stateOf(halves)).toEqual({ low: 85, high: 160 });
  const answers = await fitted.apply(flats);
  expect(answers.array("predicted")).toEqual([85, 85, 160, 160]);
});

test("columns that no step knows pass through, in order, and rows may be given as objects", async () => {
  const fitted = await chain(centre(), halves()).fit(flats, { target: "price" });
  const answers = await fitted.apply([{ size: 60, note: "asked alone" }]);
  expect(answers.objects()).toEqual([
    { size: 60, note: "asked alone", centred: 10, predicted: 160 },
  ]);
});

test("no step sees the target among its rows", async () => {
  const spy = transformer({
    name: "spy",
    params: z.object({}),
    state: z.object({ columns: z.array(z.string()) }),
    fit: (rows: Table<object>) => ({ columns: rows.columnNames() }),
    apply: () => ({}),
  });
  const fitted = await chain(spy(), centre()).fit(flats, { target: "price" });
  expect(fitted.stateOf(spy).columns).toEqual(["id", "size", "kind"]);
});

test("a fit draws the same numbers whatever the notebook drew before", async () => {
  const noisy = (): Promise<number> =>
    centre({ noise: 1 })
      .fit(flats)
      .then((fitted) => fitted.stateOf(centre).mean);
  const first = await noisy();
  Math.random();
  expect(await noisy()).toBe(first);
  expect(first).not.toBe(50);
});

test("steps report their progress", async () => {
  const steps: [number, number][] = [];
  await centre().fit(flats, { onStep: (step, value) => steps.push([step, value]) });
  expect(steps).toEqual([[1, 50]]);
});

test("a transformer that learns from a target says when it was given none", async () => {
  await expect(chain(centre(), halves()).fit(flats)).rejects.toMatchObject({
    code: "transform/no-target",
    message: 'Transformer "halves" learns from a target, and fit was given none.',
  });
});

test("a target that is no number is named with its row", async () => {
  const rows = table([
    { size: 1, price: 10 },
    { size: 2, price: null },
  ]);
  await expect(centre().fit(rows, { target: "price" })).rejects.toMatchObject({
    code: "transform/bad-target",
    message: 'The target "price" of row 2 is null, not a number.',
  });
});

test("parameters are judged when the step is made, with their names", () => {
  expect(() => centre({ noise: -1 })).toThrow(/"centre" cannot take these parameters: noise: /);
});

test("a column of the wrong length is refused with the transformer's name", async () => {
  const short = transformer({
    name: "short",
    params: z.object({}),
    state: z.object({}),
    fit: () => ({}),
    apply: () => ({ half: [1, 2] }),
  });
  const fitted = await short().fit(flats);
  await expect(fitted.apply(flats)).rejects.toMatchObject({
    code: "transform/column-length",
    message: 'Transformer "short" was given 4 rows and gave column "half" 2 values.',
  });
});

test("the state of a step that is not in the chain is refused with those that are", async () => {
  const fitted = await centre().fit(flats);
  expect(() => fitted.stateOf(halves)).toThrow('no step "halves"; its steps are "centre".');
});

test("row types follow the steps", async () => {
  const dropping = transformer({
    name: "dropping",
    params: z.object({}),
    state: z.object({}),
    drops: ["kind"],
    fit: () => ({}),
    apply: (_state, rows: Table<{ kind: string }>) => ({
      letters: rows.array("kind").map((kind) => kind.length),
    }),
  });
  const fitted = await chain(dropping(), centre()).fit(flats);
  const answers = await fitted.apply(flats);
  expectTypeOf(answers.get("letters")).toBeNumber();
  expectTypeOf(answers.get("id")).toBeNumber();
  expectTypeOf<typeof answers extends Table<infer R> ? keyof R : never>().toEqualTypeOf<
    "id" | "size" | "price" | "letters" | "centred"
  >();
  expect(answers.columnNames()).toEqual(["id", "size", "price", "letters", "centred"]);

  // @ts-expect-error -- "kind" was dropped
  expect(() => answers.get("kind")).toThrow("no column");
  // @ts-expect-error -- oneHot needs "kind", which the step before dropped
  chain(dropping(), oneHot("kind"));
  // @ts-expect-error -- the rows have no "size"
  await expect(centre().fit(table([{ weight: 1 }]))).rejects.toThrow("no column");
  // @ts-expect-error -- no column of that name to learn
  await expect(centre().fit(flats, { target: "prize" })).rejects.toThrow("no column");
});

test("a chain asks for what its steps need and no earlier step adds", () => {
  const preparation = chain(impute("rate"), daysSince("seen"), ordinal("room", ["small", "large"]));
  type Needs = Parameters<NonNullable<(typeof preparation & { fit: unknown })["fit"]>>[0];
  expectTypeOf<
    Table<{ rate: number | null; seen: Date | null; room: "small" | "large" | null }>
  >().toExtend<Needs>();
  expectTypeOf<Table<{ rate: number; seen: Date }>>().not.toExtend<Needs>();
});

test("parameters may be left out where each has a default, and must be given where one has none", () => {
  const sized = transformer({
    name: "sized",
    params: z.object({ least: z.number() }),
    state: z.object({}),
    fit: () => ({}),
    apply: () => ({}),
  });
  expect(centre().steps[0]?.params).toEqual({ noise: 0 });
  expect(sized({ least: 1 }).steps[0]?.params).toEqual({ least: 1 });
  // @ts-expect-error -- "least" has no default
  expect(() => sized()).toThrow(/"sized" cannot take these parameters: least: /);
});

/**
 * The example's best model: gradient-boosted trees for the logarithm of the price.
 *
 * The logarithm, because a model that is 20 % off is as wrong about a room for 50 USD as about a flat for 300;
 * and the mean of logarithms is near the median of prices, which is what "typical" means (and what the mean
 * absolute error rewards). The trees are in trees/: Friedman 2001 on LightGBM's histograms.
 */
import { numbersOf, transformer, z } from "steplab";
import type { Table } from "steplab";
import { numberColumns } from "./numbers.ts";
import { answer, boost } from "./trees/boost.ts";

export const gbdt = transformer({
  name: "nyc-gbdt",
  params: z.object({
    trees: z.int().positive().default(300).describe("how many trees, one after the other"),
    rate: z.number().positive().max(1).default(0.07).describe("how much of each tree is taken"),
    leaves: z.int().min(2).default(31).describe("most leaves of a tree"),
    minRows: z.int().positive().default(10).describe("fewest listings of a leaf"),
    shrinkage: z
      .number()
      .nonnegative()
      .default(10)
      .describe("listings without a say added to each leaf"),
    maxBins: z.int().min(2).max(256).default(64).describe("bins of a column"),
    rowShare: z.number().positive().max(1).default(0.8).describe("listings a tree sees"),
    columnShare: z.number().positive().max(1).default(0.4).describe("columns a tree sees"),
  }),
  state: z.object({
    /** The columns asked, in the order of the trees' numbers. */
    columns: z.array(z.string()),
    /** The share of what was explained that each column explained. */
    importance: z.instanceof(Float64Array),
    base: z.number(),
    roots: z.instanceof(Int32Array),
    column: z.instanceof(Int32Array),
    threshold: z.instanceof(Float64Array),
    left: z.instanceof(Int32Array),
    right: z.instanceof(Int32Array),
    value: z.instanceof(Float64Array),
  }),
  /** Takes every number column of the rows; text is left to the steps before. */
  fit: (rows: Table<object>, prices, params, { random, onStep }) => {
    const columns = numberColumns(rows);
    const numbers = columns.map((name) => numbersOf(rows, name));
    const target = prices.map((price) => Math.log(price));
    return { columns, ...boost(numbers, target, params, random, onStep) };
  },
  apply: (state, rows) => {
    const numbers = state.columns.map((name) => numbersOf(rows, name));
    return { predicted: answer(state, numbers).map((price) => Math.exp(price)) };
  },
});

/** Multinomial logistic regression by gradient descent (Bishop 2006, section 4.3.4), on standardised columns. */
import { numbersOf, transformer, z } from "steplab";
import type { Table } from "steplab";
import { Measures } from "./measure.ts";
import { SHAPES, type Shape } from "./shapes.ts";

const COLUMNS = Object.keys(Measures.shape);

export const softmax = transformer({
  name: "shapes-softmax",
  params: z.object({
    steps: z.int().positive().default(150).describe("how many times all images are gone through"),
    rate: z.number().positive().default(1).describe("how far each step goes"),
  }),
  state: z.object({
    mean: z.instanceof(Float64Array),
    deviation: z.instanceof(Float64Array),
    /** A row a shape: its constant, then a weight a column. */
    weights: z.instanceof(Float64Array),
  }),
  fit: (rows: Table<z.infer<typeof Measures>>, classes, { steps, rate }, { onStep }) => {
    const columns = COLUMNS.map((name) => numbersOf(rows, name));
    const mean = Float64Array.from(columns, (values) => average(values));
    const deviation = Float64Array.from(
      columns,
      (values, i) => Math.sqrt(average(values.map((value) => (value - (mean[i] ?? 0)) ** 2))) || 1,
    );
    const inputs = standardised(columns, mean, deviation);
    const weights = new Float64Array(SHAPES.length * (COLUMNS.length + 1));
    for (let step = 1; step <= steps; step++) onStep(step, descend(weights, inputs, classes, rate));
    return { mean, deviation, weights };
  },
  apply: ({ mean, deviation, weights }, rows) => {
    const columns = COLUMNS.map((name) => numbersOf(rows, name));
    const chances = standardised(columns, mean, deviation).map((input) =>
      chancesOf(weights, input),
    );
    return {
      predicted: chances.map((each): Shape => SHAPES[each.indexOf(Math.max(...each))] ?? "circle"),
      sure: Float64Array.from(chances, (each) => Math.max(...each)),
    };
  },
});

/** One row an image, led by a 1 for the constant. */
function standardised(
  columns: readonly ArrayLike<number>[],
  mean: Float64Array,
  deviation: Float64Array,
): number[][] {
  return Array.from({ length: columns[0]?.length ?? 0 }, (_, row) => [
    1,
    ...columns.map((values, i) => ((values[row] ?? 0) - (mean[i] ?? 0)) / (deviation[i] ?? 1)),
  ]);
}

function chancesOf(weights: Float64Array, input: readonly number[]): number[] {
  const scores = SHAPES.map((_, shape) =>
    input.reduce((sum, value, i) => sum + value * (weights[shape * input.length + i] ?? 0), 0),
  );
  const largest = Math.max(...scores);
  const raised = scores.map((score) => Math.exp(score - largest));
  const total = raised.reduce((sum, value) => sum + value, 0);
  return raised.map((value) => value / total);
}

/** One step downhill; gives the mean cross entropy before it. */
function descend(
  weights: Float64Array,
  inputs: readonly number[][],
  classes: ArrayLike<number>,
  rate: number,
): number {
  const gradient = new Float64Array(weights.length);
  let loss = 0;
  inputs.forEach((input, row) => {
    const chances = chancesOf(weights, input);
    loss -= Math.log(Math.max(chances[classes[row] ?? 0] ?? 0, 1e-12));
    chances.forEach((chance, shape) => {
      const error = chance - (shape === classes[row] ? 1 : 0);
      input.forEach((value, i) => {
        const at = shape * input.length + i;
        gradient[at] = (gradient[at] ?? 0) + error * value;
      });
    });
  });
  gradient.forEach((slope, i) => {
    weights[i] = (weights[i] ?? 0) - (rate * slope) / inputs.length;
  });
  return loss / inputs.length;
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * The other candidate: a small neural network on TensorFlow.js, for the logarithm of the price.
 *
 * It runs on the WebAssembly backend with one thread, and its weights, the order of the rows and nothing else
 * are drawn from the stage's seed: the same fit gives the same weights.
 */
import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import { numbersOf, transformer, z } from "steplab";
import type { Table } from "steplab";
import { numberColumns } from "./numbers.ts";

type TensorFlow = typeof import("@tensorflow/tfjs");
type Layer = { weights: Float32Array; biases: Float32Array; inputs: number; outputs: number };

const LayerState = z.object({
  weights: z.instanceof(Float32Array),
  biases: z.instanceof(Float32Array),
  inputs: z.int(),
  outputs: z.int(),
});

/** Standardised columns further out than this are cut: one host with 300 flats must not drown the rest. */
const FURTHEST = 4;

export const network = transformer({
  name: "nyc-network",
  params: z.object({
    hidden: z
      .array(z.int().positive())
      .min(1)
      .default([48, 24])
      .describe("widths of the hidden layers"),
    epochs: z.int().positive().default(12).describe("times each listing is seen"),
    batch: z.int().positive().default(256).describe("listings a step of the optimiser"),
    rate: z.number().positive().default(0.004).describe("Adam's step length at the start"),
  }),
  state: z.object({
    columns: z.array(z.string()),
    means: z.instanceof(Float64Array),
    deviations: z.instanceof(Float64Array),
    target: z.object({ mean: z.number(), deviation: z.number() }),
    layers: z.array(LayerState),
  }),
  fit: async (rows: Table<object>, prices, params, { random, onStep }) => {
    const tf = await tensorflow();
    const columns = numberColumns(rows);
    const numbers = columns.map((name) => numbersOf(rows, name));
    const scaling = scalingOf(numbers);
    const inputs = standardised(numbers, scaling);
    const logs = prices.map((price) => Math.log(price));
    const [mean, deviation] = momentsOf(logs);
    const targets = Float32Array.from(logs, (log) => (log - mean) / deviation);
    const widths = [columns.length, ...params.hidden, 1];
    const layers = train(tf, inputs, targets, widths, params, random, onStep);
    return { columns, ...scaling, target: { mean, deviation }, layers };
  },
  apply: async (state, rows) => {
    const tf = await tensorflow();
    const numbers = state.columns.map((name) => numbersOf(rows, name));
    const inputs = standardised(numbers, state);
    const { mean, deviation } = state.target;
    const answers = tf.tidy(() => {
      const weights = state.layers.map((layer) => tensorsOf(tf, layer));
      const shape: [number, number] = [rows.numRows(), state.columns.length];
      return forward(tf, tf.tensor2d(inputs, shape), weights).dataSync();
    });
    return { predicted: Float64Array.from(answers, (log) => Math.exp(log * deviation + mean)) };
  },
});

/** Adam (Kingma and Ba 2015) on the absolute error, its step length falling to nothing along a cosine. */
function train(
  tf: TensorFlow,
  inputs: Float32Array,
  targets: Float32Array,
  widths: readonly number[],
  params: { epochs: number; batch: number; rate: number },
  random: () => number,
  onStep: (step: number, loss: number) => void,
): Layer[] {
  const rows = targets.length;
  const layers = widths
    .slice(1)
    .map((outputs, place) => startLayer(widths[place]!, outputs, random));
  const weights = layers.map((layer) => {
    const { kernel, bias } = tensorsOf(tf, layer);
    return { kernel: tf.variable(kernel), bias: tf.variable(bias) };
  });
  const optimizer = tf.train.adam(params.rate);
  const order = Int32Array.from(targets, (_, row) => row);
  const stepsAnEpoch = Math.ceil(rows / params.batch);
  for (let epoch = 0; epoch < params.epochs; epoch++) {
    shuffle(order, random);
    let loss = 0;
    for (let step = 0; step < stepsAnEpoch; step++) {
      const progress = (epoch + step / stepsAnEpoch) / params.epochs;
      // The rate is protected in tfjs's types and read at each step; there is no scheduler.
      Object.assign(optimizer, {
        learningRate: (params.rate * (1 + Math.cos(Math.PI * progress))) / 2,
      });
      const batch = order.subarray(step * params.batch, (step + 1) * params.batch);
      loss += tf.tidy(() => {
        const x = tf.tensor2d(gather(inputs, batch, widths[0]!), [batch.length, widths[0]!]);
        const y = tf.tensor2d(gather(targets, batch, 1), [batch.length, 1]);
        const cost = optimizer.minimize(
          () => tf.mean(tf.abs(tf.sub(forward(tf, x, weights), y))).asScalar(),
          true,
        );
        return (cost?.dataSync()[0] ?? 0) * batch.length;
      });
    }
    onStep(epoch + 1, loss / rows);
  }
  const trained = layers.map((layer, place) => ({
    ...layer,
    weights: Float32Array.from(weights[place]!.kernel.dataSync()),
    biases: Float32Array.from(weights[place]!.bias.dataSync()),
  }));
  optimizer.dispose();
  for (const { kernel, bias } of weights) tf.dispose([kernel, bias]);
  return trained;
}

type Tensors = {
  kernel: import("@tensorflow/tfjs").Tensor2D;
  bias: import("@tensorflow/tfjs").Tensor1D;
};

function tensorsOf(tf: TensorFlow, { weights, biases, inputs, outputs }: Layer): Tensors {
  return { kernel: tf.tensor2d(weights, [inputs, outputs]), bias: tf.tensor1d(biases) };
}

function forward(
  tf: TensorFlow,
  rows: import("@tensorflow/tfjs").Tensor2D,
  layers: readonly Tensors[],
): import("@tensorflow/tfjs").Tensor2D {
  return layers.reduce((values, { kernel, bias }, place) => {
    const sums = tf.add<import("@tensorflow/tfjs").Tensor2D>(tf.matMul(values, kernel), bias);
    return place < layers.length - 1 ? tf.relu(sums) : sums;
  }, rows);
}

/** Uniform between plus and minus sqrt(6 / (inputs + outputs)): Glorot and Bengio 2010. */
function startLayer(inputs: number, outputs: number, random: () => number): Layer {
  const limit = Math.sqrt(6 / (inputs + outputs));
  const weights = Float32Array.from({ length: inputs * outputs }, () => (2 * random() - 1) * limit);
  return { weights, biases: new Float32Array(outputs), inputs, outputs };
}

/** Fisher and Yates, in place. */
function shuffle(order: Int32Array, random: () => number): void {
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
}

function gather(values: Float32Array, rows: Int32Array, width: number): Float32Array {
  const gathered = new Float32Array(rows.length * width);
  rows.forEach((row, place) =>
    gathered.set(values.subarray(row * width, (row + 1) * width), place * width),
  );
  return gathered;
}

function scalingOf(columns: readonly Float64Array[]): {
  means: Float64Array;
  deviations: Float64Array;
} {
  const moments = columns.map(momentsOf);
  return {
    means: Float64Array.from(moments, ([mean]) => mean),
    deviations: Float64Array.from(moments, ([, deviation]) => deviation),
  };
}

/** Mean and standard deviation of the values that are there; a constant column counts as deviating by 1. */
function momentsOf(values: Float64Array): [mean: number, deviation: number] {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return [0, 1];
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return [mean, Math.sqrt(squares / known.length) || 1];
}

/** Row after row, as tensors want it. A missing value is the column's mean, 0. */
function standardised(
  columns: readonly Float64Array[],
  { means, deviations }: { means: Float64Array; deviations: Float64Array },
): Float32Array {
  const width = columns.length;
  const rows = columns[0]?.length ?? 0;
  const values = new Float32Array(rows * width);
  columns.forEach((column, place) => {
    for (let row = 0; row < rows; row++) {
      const value = (column[row]! - means[place]!) / deviations[place]!;
      values[row * width + place] = Number.isNaN(value)
        ? 0
        : Math.min(FURTHEST, Math.max(-FURTHEST, value));
    }
  });
  return values;
}

let started: Promise<TensorFlow> | undefined;

/** Loaded at the first fit: a second of start-up that declaring parameters must not pay. */
function tensorflow(): Promise<TensorFlow> {
  started ??= start();
  return started;
}

async function start(): Promise<TensorFlow> {
  const tf = await import("@tensorflow/tfjs");
  const wasm = await import("@tensorflow/tfjs-backend-wasm");
  const folder = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"));
  wasm.setWasmPaths(`${folder}${sep}`);
  wasm.setThreadsCount(1); // several threads add in another order each time
  await tf.setBackend("wasm");
  return tf;
}

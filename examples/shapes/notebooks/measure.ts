/** From an image to a few numbers that tell shapes apart wherever they stand, and however they are turned. */
import { z } from "steplab";
import type { Pixels } from "steplab";
import { Label } from "./shapes.ts";

/** What the model is given. */
export const Measures = z.object({
  area: z.number().min(0).max(1).describe("share of the image that is bright"),
  compactness: z.number().min(0).describe("area by the area of a disc with the same mean radius"),
  reach: z.number().min(0).describe("largest distance from the centre by the mean one"),
  spread: z.number().min(0).describe("how unequal the distances from the centre to the edge are"),
});

export const Measured = Label.extend({
  ...Measures.shape,
  /** The shape's place in SHAPES: what a model can learn. */
  class: z.int(),
  split: z.enum(["train", "test"]),
});

/** Brighter than the middle counts as the shape. A picture without any has the measures of a point. */
export function measure({ width, height, data }: Pixels): z.infer<typeof Measures> {
  const threshold = middleOf(data);
  const bright: [x: number, y: number][] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (isBright(data, width, height, x, y, threshold)) bright.push([x, y]);
  if (bright.length === 0) return { area: 0, compactness: 0, reach: 0, spread: 0 };
  const mean = (of: (at: [number, number]) => number): number =>
    bright.reduce((sum, at) => sum + of(at), 0) / bright.length;
  const [centreX, centreY] = [mean(([x]) => x), mean(([, y]) => y)];
  const distances = bright.map(([x, y]) => Math.hypot(x - centreX, y - centreY));
  const meanDistance = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  const edges = edgeDistances(bright, centreX, centreY);
  return {
    area: bright.length / (width * height),
    compactness: bright.length / (Math.PI * (1.5 * meanDistance) ** 2 || 1),
    reach: Math.max(...distances) / (meanDistance || 1),
    spread: deviationOf(edges),
  };
}

/** Of a pixel and its neighbours the mean: a single noisy pixel makes no shape. */
function isBright(
  data: Uint8Array,
  width: number,
  height: number,
  x: number,
  y: number,
  threshold: number,
): boolean {
  let [sum, count] = [0, 0];
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++)
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
      sum += data[row * width + column] ?? 0;
      count += 1;
    }
  return sum / count > threshold;
}

function middleOf(data: Uint8Array): number {
  const sorted = Uint8Array.from(data).sort();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return (at(0.02) + at(0.98)) / 2;
}

/** The farthest bright pixel in each of sixteen directions. */
function edgeDistances(bright: [number, number][], centreX: number, centreY: number): number[] {
  const edges = new Array<number>(16).fill(0);
  for (const [x, y] of bright) {
    const angle = Math.atan2(y - centreY, x - centreX) + Math.PI;
    const direction = Math.floor((angle / (2 * Math.PI)) * 16) % 16;
    edges[direction] = Math.max(edges[direction] ?? 0, Math.hypot(x - centreX, y - centreY));
  }
  return edges;
}

/** Standard deviation by mean. */
function deviationOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Math.sqrt(variance) / (mean || 1);
}

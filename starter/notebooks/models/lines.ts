/** A straight line for each kind of sky, by least squares, and what a weekend adds. */
import { transformer, z, type Table } from "steplab";

const Line = z.object({ atZero: z.number(), perDegree: z.number() });

export const lines = transformer({
  name: "lines",
  params: z.object({}),
  state: z.object({ bySky: z.record(z.string(), Line), weekend: z.number() }),
  fit: (rows: Table<{ sky: string; temperature: number; weekend: boolean }>, rentals) => {
    const sky = rows.array("sky");
    const temperature = rows.array("temperature");
    const weekend = rows.array("weekend");
    const bySky: Record<string, z.infer<typeof Line>> = {};
    for (const each of new Set(sky)) {
      const on = [...sky.keys()].filter((row) => sky[row] === each && !weekend[row]);
      bySky[each] = lineThrough(
        on.map((row) => temperature[row]!),
        on.map((row) => rentals[row]!),
      );
    }
    const added = [...sky.keys()]
      .filter((row) => weekend[row])
      .map((row) => rentals[row]! - on(bySky[sky[row]!], temperature[row]!));
    return { bySky, weekend: mean(added) };
  },
  apply: ({ bySky, weekend }, rows) => ({
    predicted: rows
      .objects()
      .map((d) => on(bySky[d.sky], d.temperature) + (d.weekend ? weekend : 0)),
  }),
});

/** Least squares through points. */
function lineThrough(x: readonly number[], y: readonly number[]): z.infer<typeof Line> {
  const [meanX, meanY] = [mean(x), mean(y)];
  const products = x.reduce((sum, each, i) => sum + (each - meanX) * (y[i]! - meanY), 0);
  const squares = x.reduce((sum, each) => sum + (each - meanX) ** 2, 0);
  const perDegree = squares === 0 ? 0 : products / squares;
  return { atZero: meanY - perDegree * meanX, perDegree };
}

function on(line: z.infer<typeof Line> | undefined, temperature: number): number {
  return line === undefined ? 0 : line.atZero + line.perDegree * temperature;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, each) => sum + each, 0) / values.length;
}

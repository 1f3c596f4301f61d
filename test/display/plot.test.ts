import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import { table as arqueroTable } from "arquero";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { display, plot, type Chart, type PlotSpec } from "../../stage/display/index.ts";
import { numberIntervals, timeIntervals } from "../../stage/display/chart/bins.ts";
import { sampleRows, thinLine } from "../../stage/display/chart/sample.ts";
import { FakeHost } from "./fake-host.ts";

interface Listing {
  id: number;
  price: number;
  borough: string;
  room: "Private" | "Shared";
  seen: Date | null;
  rating: number | null;
}

/** Listings as a delivery has them: skewed prices, one borough rare, some dates and ratings missing. */
function listings(count: number): Listing[] {
  return Array.from({ length: count }, (_, i) => ({
    id: i,
    price: 10 + ((i * 7919) % 340),
    borough: i % 50 === 0 ? "Bronx" : i % 3 === 0 ? "Queens" : "Manhattan",
    room: i % 4 === 0 ? "Shared" : "Private",
    seen: i % 5 === 0 ? null : new Date(Date.UTC(2019, i % 12, 1 + (i % 28))),
    rating: i % 10 === 0 ? null : 1 + (i % 5),
  }));
}

type Datum = Record<string, unknown>;
const dataOf = (chart: Chart): Datum[] => (chart.spec["data"] as { values: Datum[] }).values;
const subtitleOf = (chart: Chart): string =>
  [(chart.spec["title"] as { subtitle?: string[] } | undefined)?.subtitle ?? []].flat().join(" | ");
const total = (chart: Chart): number => dataOf(chart).reduce((sum, d) => sum + Number(d["y"]), 0);

const EVERY_KIND: Record<string, PlotSpec<Listing>> = {
  histogram: { mark: "bar", x: { column: "price", unit: "USD" }, color: "room", title: "Prices" },
  "histogram of times": { mark: "bar", x: "seen" },
  "log histogram": { mark: "bar", x: { column: "price", log: true } },
  counts: { mark: "bar", x: "borough" },
  "counts on their side": { mark: "bar", y: "borough", color: "room" },
  "bars of means": { mark: "bar", x: "borough", y: "price", color: "room" },
  "bars over a few numbers": { mark: "bar", x: "rating", y: "price", summary: "median" },
  line: { mark: "line", x: "seen", y: "price", summary: "median", color: "room" },
  area: { mark: "area", x: "seen", color: "borough" },
  points: { mark: "point", x: "price", y: "rating", color: "borough", size: "id" },
  "points in a gradient": { mark: "point", x: "price", y: "id", color: "rating" },
  boxes: { mark: "boxplot", x: "borough", y: { column: "price", log: true }, color: "room" },
  "boxes on their side": { mark: "boxplot", y: "borough", x: "price" },
  "one box": { mark: "boxplot", y: "price" },
  heat: { mark: "rect", x: "price", y: "id" },
  "heat of a value": { mark: "rect", x: "borough", y: "room", color: "price", summary: "max" },
  facets: { mark: "bar", x: "price", facet: "borough" },
};

const rows = listings(2000);

describe("every kind of chart", () => {
  const path = createRequire(import.meta.url).resolve("vega-lite/vega-lite-schema.json");
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const isVegaLite = ajv.compile(JSON.parse(readFileSync(path, "utf8")) as object);

  test.each(Object.entries(EVERY_KIND))("%s is valid Vega-Lite", (_, spec) => {
    const valid = isVegaLite(plot(rows, spec).spec);
    expect(isVegaLite.errors?.slice(0, 3) ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  test.each(Object.entries(EVERY_KIND))("%s has the same picture every time", async (_, spec) => {
    const [first, second] = [await plot(rows, spec).toSvg(), await plot(rows, spec).toSvg()];
    expect(second).toBe(first);
    expect(first).toMatch(/^<svg role="img" aria-label="[^"]+"/);
  });

  test.each(Object.entries(EVERY_KIND))("%s embeds no column under its own name", (_, spec) => {
    const names = new Set(dataOf(plot(rows, spec)).flatMap(Object.keys));
    for (const column of ["id", "price", "borough", "room", "seen", "rating"])
      expect(names).not.toContain(column);
  });

  test("a chart of no rows is drawn empty", async () => {
    const empty = arqueroTable({ price: [], borough: [] });
    for (const spec of [
      { mark: "bar", x: "price" },
      { mark: "bar", x: "borough" },
      { mark: "point", x: "price", y: "price" },
      { mark: "boxplot", x: "borough", y: "price" },
      { mark: "rect", x: "price", y: "price" },
      { mark: "line", x: "price", y: "price" },
    ] as const)
      expect(await plot({ objects: (): Datum[] => [], arquero: empty }, spec).toSvg()).toContain(
        "<svg",
      );
  });
});

describe("a histogram", () => {
  test("of a million rows is thirty numbers", () => {
    const prices = Float64Array.from({ length: 1_000_000 }, (_, i) => (i * 7919) % 1000);
    const chart = plot(
      { objects: (): { price: number }[] => [], arquero: arqueroTable({ price: prices }) },
      { mark: "bar", x: "price" },
    );
    expect(total(chart)).toBe(1_000_000);
    expect(JSON.stringify(chart.spec).length).toBeLessThan(5000);
  });

  test("counts every row once, also those on the edges", () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, (all) => {
        expect(
          total(
            plot(
              all.map((n) => ({ n })),
              { mark: "bar", x: "n" },
            ),
          ),
        ).toBe(all.length);
      }),
    );
  });

  test("counts numbers that differ beyond the digits of its edges", () => {
    const data = [999999.9997624999, 999999.9997633571].map((n) => ({ n }));
    expect(total(plot(data, { mark: "bar", x: "n" }))).toBe(2);
  });

  test("says what it leaves out", () => {
    const data = [{ n: 0 }, { n: 5 }, { n: 500 }, { n: null }];
    const chart = plot(data, { mark: "bar", x: { column: "n", log: true, domain: [0, 100] } });
    expect(subtitleOf(chart)).toBe(
      "1 row without n left out · 1 row outside 0 to 100 not shown | 1 row at or below 0 not shown (log scale)",
    );
  });

  test("counts numbers that need more digits than its edges have", () => {
    const data = [9.9999999999999, 10.0000000000001, 39.9999999999999].map((n) => ({ n }));
    expect(total(plot(data, { mark: "bar", x: "n" }))).toBe(3);
  });

  test("has round steps that cover the range", () => {
    expect(numberIntervals(12, 347, 30, true).map(({ from }) => from)).toEqual(
      Array.from({ length: 34 }, (_, i) => 10 + i * 10),
    );
    expect(numberIntervals(1, 3, 30, true)).toEqual(
      [1, 2, 3].map((from) => ({ from, to: from + 1 })),
    );
    expect(numberIntervals(0.1, 0.7, 6, false).map(({ from }) => from)).toEqual([
      0.1, 0.2, 0.3, 0.4, 0.5, 0.6,
    ]);
  });

  test("of times has calendar steps in UTC: weeks from Monday, months of their own length", () => {
    const day = (text: string): number => Date.parse(text);
    const months = timeIntervals(day("2019-01-15"), day("2020-03-01"), 20);
    expect(months.unit).toBe("month");
    expect(
      months.intervals.map(({ from }) => new Date(from).toISOString().slice(0, 10)).slice(0, 3),
    ).toEqual(["2019-01-01", "2019-02-01", "2019-03-01"]);
    const weeks = timeIntervals(day("2026-11-20"), day("2027-03-01"), 20);
    expect(weeks.unit).toBe("week");
    expect(weeks.intervals.every(({ from }) => new Date(from).getUTCDay() === 1)).toBe(true);
  });
});

describe("bars, lines and boxes", () => {
  test("count texts, the most frequent first, missing ones as a group of their own", () => {
    const data = ["a", "b", "b", null].map((name) => ({ name }));
    expect(dataOf(plot(data, { mark: "bar", x: "name" }))).toEqual([
      { x: "b", y: 2 },
      { x: "(missing)", y: 1 },
      { x: "a", y: 1 },
    ]);
  });

  test("summarise several rows at one place, and name the summary on the axis", () => {
    const data = [1, 2, 6].map((price) => ({ borough: "Bronx", price }));
    for (const [summary, y] of [
      ["mean", 3],
      ["median", 2],
      ["sum", 9],
      ["min", 1],
      ["max", 6],
      ["count", 3],
    ] as const) {
      const chart = plot(data, { mark: "bar", x: "borough", y: "price", summary });
      expect(dataOf(chart)).toEqual([{ x: "Bronx", y }]);
      expect(chart.text).toContain(`${summary} of price by borough`);
    }
  });

  test("draw the value itself where each place has one row", () => {
    const data = [
      { model: "trees", mae: 32.1 },
      { model: "network", mae: 34.6 },
    ];
    const chart = plot(data, { mark: "bar", x: "model", y: { column: "mae", unit: "USD" } });
    expect(dataOf(chart).map(({ y }) => y)).toEqual([32.1, 34.6]);
    expect(chart.text).toContain("mae, USD by model");
  });

  test("put colours beyond ten together as other", () => {
    const data = Array.from({ length: 100 }, (_, i) => ({ n: i, kind: `k${i % 20}` }));
    const colors = new Set(
      dataOf(plot(data, { mark: "bar", x: "n", color: "kind" })).map((d) => d["color"]),
    );
    expect(colors.size).toBe(10);
    expect(colors).toContain("other (11)");
  });

  test("a box is the quartiles of numpy and the whiskers of Tukey, with the outliers beyond", () => {
    const data = [1, 2, 3, 4, 5, 6, 7, 8, 9, 100].map((n) => ({ n }));
    // numpy.percentile([…], [25, 50, 75]) = 3.25, 5.5, 7.75
    expect(dataOf(plot(data, { mark: "boxplot", y: "n" }))).toEqual([
      { x: "", low: 1, q1: 3.25, median: 5.5, q3: 7.75, high: 9, n: 10 },
      { x: "", y: 100 },
    ]);
  });

  test("a line of very many points keeps its peaks", () => {
    const points = Array.from({ length: 100_000 }, (_, x) => ({
      x,
      y: x === 54_321 ? 9 : Math.sin(x),
    }));
    const kept = thinLine(points, 1000);
    expect(kept.length).toBeLessThanOrEqual(4004);
    expect(kept).toContainEqual({ x: 54_321, y: 9 });
    expect(kept[0]).toEqual(points[0]);
    expect(kept.at(-1)).toEqual(points.at(-1));
  });
});

describe("points", () => {
  test("are sampled above 5,000, which the subtitle says", () => {
    const chart = plot(listings(20_000), { mark: "point", x: "price", y: "id" });
    expect(dataOf(chart)).toHaveLength(5000);
    expect(subtitleOf(chart)).toBe("a sample of 5,000 of 20,000 points");
  });

  test("are drawn as circles of a few bytes", async () => {
    const svg = await plot(listings(20_000), { mark: "point", x: "price", y: "id" }).toSvg();
    expect(svg.match(/<circle /g)).toHaveLength(5000);
    expect(svg.length).toBeLessThan(450_000);
  });

  test("a sample is in order, without repeats, and touches no generator of the stage", () => {
    const random = Math.random;
    Math.random = () => {
      throw new Error("drawn from the stage's generator");
    };
    try {
      const chosen = [...sampleRows(10_000, 500)];
      expect(new Set(chosen).size).toBe(500);
      expect(chosen.toSorted((a, b) => a - b)).toEqual(chosen);
      expect(chosen.at(-1)).toBeGreaterThan(9000);
    } finally {
      Math.random = random;
    }
  });
});

describe("what cannot be drawn is said", () => {
  test("a column that is not there, with the one that was meant", () => {
    // @ts-expect-error the types know the columns too
    expect(() => plot(rows, { mark: "bar", x: "prize" })).toThrow(
      'no column "prize": did you mean "price"?',
    );
  });

  test("a text where a length is needed, a mark without its columns, no table at all", () => {
    expect(() => plot(rows, { mark: "line", x: "id", y: "borough" })).toThrow('"borough" is text');
    expect(() => plot(rows, { mark: "point", x: "id" })).toThrow("a column for x and one for y");
    expect(() => plot([], { mark: "bar" })).toThrow("no rows");
    // @ts-expect-error a promise is no table
    expect(() => plot(Promise.resolve(rows), { mark: "bar" })).toThrow("is neither");
    // @ts-expect-error marks are listed
    expect(() => plot(rows, { mark: "pie", x: "id" })).toThrow('no mark "pie"');
  });

  test("names that are paths or markup to others are only names here", async () => {
    const data = [{ "a.b[0]": 1, "<b>": "<script>alert(1)</script>" }];
    const chart = plot(data, { mark: "bar", x: "<b>", y: "a.b[0]", title: "<i>&" });
    expect(dataOf(chart)).toEqual([{ x: "<script>alert(1)</script>", y: 1 }]);
    const svg = await chart.toSvg();
    expect(svg).not.toMatch(/<script|<i>|<b>/);
    expect(svg).toContain("&lt;script&gt;");
  });
});

describe("in a notebook", () => {
  let host: FakeHost;
  beforeEach(() => {
    host = new FakeHost();
    return () => host[Symbol.dispose]();
  });

  test("a chart is shown at once for JupyterLab, and has its picture when the cell ends", async () => {
    display(plot(rows, { mark: "bar", x: "price" }));
    expect(Object.keys(host.shown[0]?.bundle ?? {})).toEqual([
      "application/vnd.vegalite.v5+json",
      "text/plain",
    ]);
    await host.endCell();
    expect(host.outputs()).toHaveLength(1);
    expect(host.outputs()[0]?.["image/svg+xml"]).toMatch(/^<svg/);
    expect(host.outputs()[0]?.["text/plain"]).toBe("[chart] rows by price, 2,000 rows");
  });
});

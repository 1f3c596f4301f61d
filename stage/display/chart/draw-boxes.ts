/** Box plots, computed here: the notebook keeps five numbers a box and its outliers, not a million rows. */
import type { Json } from "../../../core/json.ts";
import {
  cannotDraw,
  colorChannel,
  colorLevels,
  continuous,
  discrete,
  facetLevels,
  labels,
  MARK_COLOR,
  NO_LEVELS,
  rowsText,
  short,
  splitMembers,
  tooltip,
  type Drawing,
  type Request,
} from "./drawing.ts";
import { groupRows, quantile } from "./group.ts";
import { categories, within, type Levels } from "./levels.ts";
import { sampleRows } from "./sample.ts";
import type { Series } from "./series.ts";

const MOST_BOXES = 30;
/** Outliers drawn a box; of more, the farthest one each side and a sample between. */
const MOST_OUTLIERS = 60;

export function drawBoxes(request: Request): Drawing {
  const isSideways = request.y === undefined || request.y.type === "text";
  const measured = isSideways ? request.x : request.y;
  const base = isSideways ? request.y : request.x;
  if (measured === undefined || measured.type === "text")
    throw cannotDraw("A boxplot needs a column of numbers for x or y.");
  const { inside, remarks } = within(measured);
  const places = base
    ? categories(base, { most: MOST_BOXES, rest: "leave-out", by: "frequency" })
    : NO_LEVELS(request.rows);
  const isColorBase = request.color?.column === base?.column;
  const color = isColorBase ? places : colorLevels(request);
  const isSplit = request.color !== undefined && !isColorBase;
  const facet = facetLevels(request);
  const dimensions = isSplit ? [facet, places, color] : [facet, places];
  let left = 0;
  const data: Record<string, Json>[] = [];
  for (const { codes, values } of groupRows(request.rows, dimensions, inside)) {
    const [facetCode = 0, place = 0, colorCode = place] = codes;
    const members = {
      x: places.levels[place]?.label ?? "",
      ...splitMembers(request, color, facet, colorCode, facetCode),
    };
    const box = boxOf(Float64Array.from(values).sort());
    data.push({ ...members, ...box.numbers, n: values.length });
    for (const y of box.outliers) data.push({ ...members, y: short(y) });
    left += box.outliersLeft;
  }
  if (left > 0) remarks.push(`${left.toLocaleString("en-US")} more outliers not drawn`);
  return {
    data,
    view: boxView({ request, measured, base, isSideways, places, color, isSplit }),
    remarks: [...places.remarks, ...remarks, ...facet.remarks],
    facets: labels(facet),
    words: `quartiles of ${measured.title}${base ? ` by ${base.title}` : ""}, ${rowsText(request.rows)}`,
  };
}

interface BoxView {
  request: Request;
  measured: Series;
  base: Series | undefined;
  isSideways: boolean;
  places: Levels;
  color: Levels;
  /** Each place has several boxes side by side, told apart by colour. */
  isSplit: boolean;
}

function boxView(v: BoxView): Record<string, Json> {
  const { request, base, isSideways, isSplit } = v;
  const [along, across] = isSideways ? (["y", "x"] as const) : (["x", "y"] as const);
  const names = labels(v.places);
  const boxes = Math.max(1, names.length * (isSplit ? v.color.levels.length : 1));
  const room = isSideways ? request.height : request.width;
  const size = Math.round(Math.min(48, (room / boxes) * 0.6));
  const value = (field: string): Json => ({ field, ...continuous(v.measured) });
  const place: Record<string, Json> = {
    ...(base && {
      [along]: { field: "x", ...discrete(base.title, names, isSideways ? Infinity : room) },
    }),
    ...(isSplit && { [`${along}Offset`]: { field: "color", sort: labels(v.color) } }),
  };
  const colors = colorChannel(request, v.color);
  // The box's own colour is explained by its axis; only a second column needs a legend.
  const paint: Record<string, Json> = colors
    ? { color: isSplit ? colors : { ...colors, legend: null } }
    : {};
  const plain: Record<string, Json> = colors ? {} : { color: MARK_COLOR };
  const boxOnly = [{ filter: "isValid(datum.n)" }];
  const line = { [across]: value("low"), [`${across}2`]: { field: "high" } };
  const box = { [across]: value("q1"), [`${across}2`]: { field: "q3" }, tooltip: aboutBox(base) };
  return {
    layer: [
      {
        transform: boxOnly,
        mark: { type: "rule", ...plain },
        encoding: { ...place, ...paint, ...line },
      },
      {
        transform: boxOnly,
        mark: { type: "bar", size, cornerRadius: 1, ...plain },
        encoding: { ...place, ...paint, ...box },
      },
      {
        transform: boxOnly,
        mark: { type: "tick", color: "white", thickness: 2, size },
        encoding: { ...place, [across]: value("median") },
      },
      {
        transform: [{ filter: "isValid(datum.y)" }],
        mark: { type: "point", size: 12, opacity: 0.5, ...plain },
        encoding: { ...place, ...paint, [across]: value("y") },
      },
    ],
  };
}

function aboutBox(base: Series | undefined): Json {
  return tooltip(
    ...(base ? [["x", base.title] as [string, string]] : []),
    ["median", "median"],
    ["q1", "first quartile"],
    ["q3", "third quartile"],
    ["low", "lower whisker"],
    ["high", "upper whisker"],
    ["n", "rows"],
  );
}

interface Box {
  numbers: { low: number; q1: number; median: number; q3: number; high: number };
  outliers: number[];
  outliersLeft: number;
}

/** @param sorted not empty */
function boxOf(sorted: Float64Array): Box {
  const [q1, median, q3] = [0.25, 0.5, 0.75].map((p) => quantile(sorted, p)) as [
    number,
    number,
    number,
  ]; // three in, three out
  const reach = 1.5 * (q3 - q1);
  // Whiskers end at the last values within reach (Tukey 1977), not at the reach itself.
  const low = sorted.find((value) => value >= q1 - reach) ?? q1;
  const high = sorted.findLast((value) => value <= q3 + reach) ?? q3;
  const outside = Array.from(sorted.filter((value) => value < low || value > high));
  const chosen = new Set(sampleRows(outside.length, MOST_OUTLIERS));
  chosen.add(0).add(outside.length - 1);
  const outliers = outside.filter((_, i) => chosen.has(i));
  return {
    numbers: {
      low: short(low),
      q1: short(q1),
      median: short(median),
      q3: short(q3),
      high: short(high),
    },
    outliers,
    outliersLeft: outside.length - outliers.length,
  };
}

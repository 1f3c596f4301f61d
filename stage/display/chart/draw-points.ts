/** Scatter plots: one mark a row. */
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
  rowsText,
  short,
  tooltip,
  type Drawing,
  type Request,
} from "./drawing.ts";
import { categories, within, type Levels } from "./levels.ts";
import { sampleRows } from "./sample.ts";
import type { Series } from "./series.ts";

/** More points hide each other and make a heavy notebook; a sample of this size shows the same cloud. */
const MOST_POINTS = 5000;
const MOST_CATEGORIES = 30;

export function drawPoints(request: Request): Drawing {
  if (request.x === undefined || request.y === undefined)
    throw cannotDraw("Points need a column for x and one for y.");
  const x = position(request.x);
  const y = position(request.y);
  const facet = facetLevels(request);
  // A number as colour is a gradient; few or many values makes no difference to it.
  const gradient = request.color && request.color.type !== "text" ? request.color : undefined;
  const color = gradient ? undefined : colorLevels(request);
  const shown = rowsShown(request.rows, x, y, facet);
  const rows = sampleRows(shown.length, MOST_POINTS).map((i) => shown[i] ?? 0);
  const data = Array.from(rows, (row) => ({
    x: x.at(row),
    y: y.at(row),
    ...(gradient && { color: finite(gradient.numbers[row]) }),
    ...(color && request.color && { color: color.levels[color.codes[row] ?? 0]?.label ?? "" }),
    ...(request.size && { size: finite(request.size.numbers[row]) }),
    ...(request.facet && { facet: facet.levels[facet.codes[row] ?? 0]?.label ?? "" }),
  }));
  const remarks = [...x.remarks, ...y.remarks, ...facet.remarks];
  if (rows.length < shown.length)
    remarks.push(
      `a sample of ${rows.length.toLocaleString("en-US")} of ${shown.length.toLocaleString("en-US")} points`,
    );
  return {
    data,
    view: pointView(request, x, y, color, gradient, rows.length),
    remarks,
    facets: labels(facet),
    words: `${request.y.title} against ${request.x.title}, ${rowsText(request.rows)}`,
  };
}

/** Colours beyond the domain are those at its ends: a few extreme values leave the rest its contrast. */
function gradientScale({ domain, log, type }: Series): Json {
  return {
    scheme: "viridis",
    ...(domain && { domain, clamp: true }),
    ...(log && { type: "log" }),
    ...(type === "time" && { type: "utc" }),
  };
}

interface Position {
  series: Series;
  at(row: number): number | string;
  has(row: number): boolean;
  remarks: string[];
  names: string[] | undefined;
}

function position(series: Series): Position {
  if (series.type === "text") {
    const levels = categories(series, {
      most: MOST_CATEGORIES,
      rest: "leave-out",
      by: "frequency",
    });
    const names = labels(levels);
    return {
      series,
      at: (row) => names[levels.codes[row] ?? -1] ?? "",
      has: (row) => (levels.codes[row] ?? -1) >= 0,
      remarks: levels.remarks,
      names,
    };
  }
  const { inside, remarks } = within(series);
  return {
    series,
    at: (row) => short(inside[row] ?? Number.NaN),
    has: (row) => !Number.isNaN(inside[row]),
    remarks,
    names: undefined,
  };
}

function rowsShown(rows: number, x: Position, y: Position, facet: Levels): number[] {
  const shown: number[] = [];
  for (let row = 0; row < rows; row++)
    if (x.has(row) && y.has(row) && (facet.codes[row] ?? -1) >= 0) shown.push(row);
  return shown;
}

function finite(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : short(value);
}

function pointView(
  request: Request,
  x: Position,
  y: Position,
  color: Levels | undefined,
  gradient: Series | undefined,
  points: number,
): Record<string, Json> {
  const axis = ({ series, names }: Position, room: number): Record<string, Json> => {
    if (names !== undefined) return discrete(series.title, names, room);
    const definition = continuous(series);
    // A cloud far from zero (a latitude) is looked at where it is.
    const scale = { ...(definition["scale"] as object | undefined), zero: false }; // made by `continuous`
    return series.type === "time" ? definition : { ...definition, scale };
  };
  const colors = gradient
    ? { field: "color", ...continuous(gradient), scale: gradientScale(gradient) }
    : color && colorChannel(request, color);
  return {
    // The more points, the smaller and the more transparent, so that density stays visible.
    mark: {
      type: "circle",
      size: points > 1000 ? 14 : points > 200 ? 26 : 44,
      opacity: points > 1000 ? 0.5 : 0.75,
      ...(colors === undefined && { color: MARK_COLOR }),
    },
    encoding: {
      x: { field: "x", ...axis(x, request.width) },
      y: { field: "y", ...axis(y, Infinity) },
      ...(colors && { color: colors }),
      ...(request.size && { size: { field: "size", ...continuous(request.size) } }),
      tooltip: tooltip(
        ["x", x.series.title, x.series.type === "time" ? "temporal" : undefined],
        ["y", y.series.title, y.series.type === "time" ? "temporal" : undefined],
        ...(request.color ? [["color", request.color.title] as [string, string]] : []),
        ...(request.size ? [["size", request.size.title] as [string, string]] : []),
      ),
    },
  };
}

/** Bars, lines and areas: one value for the rows at one place of the axis. Histograms, counts and summaries alike. */
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
  splitMembers,
  tooltip,
  type Drawing,
  type Request,
} from "./drawing.ts";
import { groupRows, summarise, type Group } from "./group.ts";
import { categories, exactLevels, intervals, within, type Levels } from "./levels.ts";
import { thinLine } from "./sample.ts";
import type { Series } from "./series.ts";
import type { Summary } from "./spec.ts";

const MOST_BARS = 30;
/** A number with at most this many distinct values has a bar for each when something is summarised over it. */
const MOST_EXACT_BARS = 40;
/** Above this many points of a line its peaks are kept and the rest is left out. */
const MOST_LINE_POINTS = 5000;

export function drawSummary(request: Request): Drawing {
  const isSideways = request.mark === "bar" && isCategory(request.y) && !isCategory(request.x);
  const base = isSideways ? request.y : request.x;
  const measured = isSideways ? request.x : request.y;
  if (base === undefined) throw cannotDraw(`A ${request.mark} chart needs a column for x.`);
  if (measured?.type === "text")
    throw cannotDraw(
      `"${measured.column}" is text, and the length of a ${request.mark} is a number. For counts of two texts use the mark "rect".`,
    );

  const places = placesOf(base, measured, request);
  const color = colorLevels(request);
  const facet = facetLevels(request);
  const inside = measured && within(measured);
  const groups = groupRows(request.rows, [facet, color, places], inside?.inside);
  const summary = request.summary ?? defaultSummary(measured, groups);
  const valueTitle = titleOf(measured, summary);
  const rows = groups.map((group) => {
    const [facetCode = 0, colorCode = 0, place = 0] = group.codes;
    const { label = "", from, to } = places.levels[place] ?? {};
    return {
      x: from ?? label,
      ...(to !== undefined && to !== from && { x2: to }),
      y: short(summarise(group, summary ?? "mean")),
      ...splitMembers(request, color, facet, colorCode, facetCode),
    };
  });
  const isLine = request.mark !== "bar";
  const data = isLine ? thinned(rows) : rows;
  const remarks = [...places.remarks, ...(inside?.remarks ?? []), ...facet.remarks];
  if (data.length < rows.length)
    remarks.push(`the peaks of ${rows.length.toLocaleString("en-US")} points`);
  return {
    data,
    view: viewOfMark({
      request,
      base,
      places,
      color,
      valueTitle,
      summary,
      isSideways,
      log: measured?.log ?? false,
    }),
    remarks,
    facets: labels(facet),
    words: `${valueTitle} by ${base.title}${request.color ? `, coloured by ${request.color.title}` : ""}, ${rowsText(request.rows)}`,
  };
}

function isCategory(series: Series | undefined): boolean {
  return series?.type === "text";
}

function placesOf(base: Series, measured: Series | undefined, { mark, bins }: Request): Levels {
  if (base.type === "text") {
    // A line through texts keeps their order of appearance: it is the order of a ranking or a timetable.
    return mark === "bar"
      ? categories(base, { most: MOST_BARS, rest: "leave-out", by: "frequency" })
      : {
          codes: Int32Array.from(base.codes),
          levels: base.values.map((label) => ({ label })),
          isOrdered: false,
          remarks: [],
        };
  }
  if (measured === undefined) return intervals(base, bins);
  if (mark !== "bar")
    return exactLevels({ ...base, numbers: within(base).inside }) ?? intervals(base, bins);
  const exact = base.type === "number" ? exactLevels(base, MOST_EXACT_BARS) : undefined;
  if (exact === undefined) return intervals(base, bins);
  // One bar a number: places side by side, not lengths on an axis.
  return { ...exact, levels: exact.levels.map(({ label }) => ({ label })) };
}

/** Nothing is summarised where every place has one row: its value is drawn as it is. */
function defaultSummary(
  measured: Series | undefined,
  groups: readonly Group[],
): Summary | undefined {
  if (measured === undefined) return "count";
  return groups.every(({ count }) => count === 1) ? undefined : "mean";
}

function titleOf(measured: Series | undefined, summary: Summary | undefined): string {
  if (measured === undefined) return summary === "count" ? "rows" : (summary ?? "rows");
  return summary === undefined ? measured.title : `${summary} of ${measured.title}`;
}

type Datum = { x: number | string; y: number; color?: string; facet?: string };

function thinned<D extends Datum>(data: D[]): D[] {
  if (data.length <= MOST_LINE_POINTS) return data;
  const lines = new Map<string, (D & { x: number })[]>();
  for (const datum of data) {
    if (typeof datum.x !== "number") return data;
    const key = `${datum.facet}\n${datum.color}`;
    const line = lines.get(key) ?? [];
    line.push(datum as D & { x: number }); // checked on the line above
    lines.set(key, line);
  }
  const columns = Math.max(50, Math.floor(MOST_LINE_POINTS / 4 / lines.size));
  return [...lines.values()].flatMap((line) => thinLine(line, columns));
}

interface SummaryView {
  request: Request;
  base: Series;
  places: Levels;
  color: Levels;
  valueTitle: string;
  summary: Summary | undefined;
  isSideways: boolean;
  log: boolean;
}

function viewOfMark(v: SummaryView): Record<string, Json> {
  const { request, base, places, color, valueTitle, isSideways } = v;
  const [along, across] = isSideways ? ["y", "x"] : ["x", "y"];
  const isBinned = places.levels.some(({ from, to }) => from !== undefined && from !== to);
  const isNamed = places.levels.every(({ from }) => from === undefined);
  // Counts and sums add up and are stacked; means and medians do not, and stand side by side.
  const isAdditive = v.summary === "count" || v.summary === "sum";
  const room = isSideways ? request.height : request.width;
  const axis = isNamed
    ? discrete(base.title, labels(places), isSideways ? Infinity : room)
    : continuous(base);
  const isBar = request.mark === "bar";
  const colors = colorChannel(request, color);
  const type = base.type === "time" ? "temporal" : undefined;
  const encoding: Record<string, Json> = {
    [along]: {
      field: "x",
      ...axis,
      ...(isBinned && isBar && { bin: "binned" }),
      ...(isBar && !isNamed && base.type === "time" && { bin: "binned" }),
    },
    ...(isBinned && isBar && { [`${along}2`]: { field: "x2" } }),
    [across]: {
      field: "y",
      type: "quantitative",
      title: valueTitle,
      stack: (isBar || request.mark === "area") && isAdditive && colors ? "zero" : null,
      ...(v.log && { scale: { type: isBar ? "symlog" : "log" } }),
    },
    ...(colors && { color: colors }),
    ...(colors &&
      isBar &&
      isNamed &&
      !isAdditive && { [`${along}Offset`]: { field: "color", sort: labels(color) } }),
    tooltip: tooltip(
      ["x", isBinned ? `${base.title}, from` : base.title, type],
      ...(isBinned ? [["x2", "to", type] as [string, string, string?]] : []),
      ["y", valueTitle],
      ...(colors ? [["color", request.color?.title ?? ""] as [string, string]] : []),
    ),
  };
  return { mark: markOf(request, colors !== undefined, isAdditive), encoding };
}

function markOf(request: Request, hasColor: boolean, isAdditive: boolean): Json {
  const color: Record<string, Json> = hasColor ? {} : { color: MARK_COLOR };
  switch (request.mark) {
    case "line":
      return { type: "line", ...color };
    case "area":
      return {
        type: "area",
        opacity: isAdditive || !hasColor ? 0.85 : 0.4,
        line: !hasColor,
        ...color,
      };
    default:
      return { type: "bar", ...color };
  }
}

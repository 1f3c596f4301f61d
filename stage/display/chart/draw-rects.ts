/** Heat maps: how many rows, or what value, where two columns meet. */
import type { Json } from "../../../core/json.ts";
import {
  cannotDraw,
  continuous,
  discrete,
  facetLevels,
  labels,
  rowsText,
  short,
  tooltip,
  type Drawing,
  type Request,
} from "./drawing.ts";
import { groupRows, summarise } from "./group.ts";
import { categories, exactLevels, intervals, within, type Levels } from "./levels.ts";
import type { Series } from "./series.ts";

const MOST_CATEGORIES = 40;
/** Whole numbers with at most this many distinct values (hours, months) keep a cell each. */
const MOST_EXACT = 31;

export function drawRects(request: Request): Drawing {
  const { x, y, color: measured } = request;
  if (x === undefined || y === undefined)
    throw cannotDraw("A heat map (rect) needs a column for x and one for y.");
  if (measured?.type === "text")
    throw cannotDraw(`The colour of a heat map is a number, and "${measured.column}" is text.`);
  const across = placesOf(x, request.bins);
  const up = placesOf(y, request.bins);
  const facet = facetLevels(request);
  const inside = measured && within(measured);
  const summary = request.summary ?? (measured ? "mean" : "count");
  const data = groupRows(request.rows, [facet, across, up], inside?.inside).map((group) => {
    const [facetCode = 0, xCode = 0, yCode = 0] = group.codes;
    return {
      ...member("x", across, xCode),
      ...member("y", up, yCode),
      color: short(summarise(group, summary)),
      ...(request.facet && { facet: facet.levels[facetCode]?.label ?? "" }),
    };
  });
  const title = measured ? `${summary} of ${measured.title}` : "rows";
  const log = measured?.log ?? false;
  return {
    data,
    view: {
      mark: { type: "rect" },
      encoding: {
        ...channel("x", x, across, request.width),
        ...channel("y", y, up, Infinity),
        color: {
          field: "color",
          type: "quantitative",
          title,
          scale: { scheme: "viridis", ...(log && { type: "log" }) },
        },
        tooltip: tooltip(["x", x.title], ["y", y.title], ["color", title]),
      },
    },
    remarks: [...across.remarks, ...up.remarks, ...(inside?.remarks ?? []), ...facet.remarks],
    facets: labels(facet),
    words: `${title} by ${x.title} and ${y.title}, ${rowsText(request.rows)}`,
  };
}

function placesOf(series: Series, bins: number): Levels {
  if (series.type === "text")
    return categories(series, { most: MOST_CATEGORIES, rest: "leave-out", by: "frequency" });
  const exact = series.isWhole && !series.log ? exactLevels(series, MOST_EXACT) : undefined;
  return exact
    ? { ...exact, levels: exact.levels.map(({ label }) => ({ label })) }
    : intervals(series, bins);
}

function member(name: "x" | "y", places: Levels, code: number): Record<string, Json> {
  const { label = "", from, to } = places.levels[code] ?? {};
  return from === undefined ? { [name]: label } : { [name]: from, [`${name}2`]: to ?? from };
}

function channel(
  name: "x" | "y",
  series: Series,
  places: Levels,
  room: number,
): Record<string, Json> {
  if (places.levels.some(({ from }) => from !== undefined))
    return {
      [name]: { field: name, ...continuous(series), bin: "binned" },
      [`${name}2`]: { field: `${name}2` },
    };
  // Numbers grow upwards, as on any axis; texts read downwards, as in any table.
  const names = labels(places);
  const isUpward = name === "y" && places.isOrdered;
  return {
    [name]: { field: name, ...discrete(series.title, isUpward ? names.toReversed() : names, room) },
  };
}

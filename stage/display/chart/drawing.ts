/** What the marks have in common: a request read from the table, and the pieces of a Vega-Lite view. */
import { plural } from "../../../core/count.ts";
import { StepLabError } from "../../../core/error.ts";
import type { Json } from "../../../core/json.ts";
import { typefaceWidth } from "../text-width.ts";
import { categories, type Levels } from "./levels.ts";
import type { Series } from "./series.ts";
import type { Mark, Summary } from "./spec.ts";
import { categoryColors, PALETTE } from "./theme.ts";

/** What was asked for cannot be drawn: a mistake of the caller's, said in the caller's words. */
export function cannotDraw(message: string, hint?: string): StepLabError {
  return new StepLabError("plot/cannot-draw", message, hint ? { hint } : {});
}

/** A chart asked for, its columns read. */
export interface Request {
  mark: Mark;
  rows: number;
  x?: Series;
  y?: Series;
  color?: Series;
  size?: Series;
  facet?: Series;
  summary?: Summary;
  bins: number;
  width: number;
  height: number;
}

/** A chart without its frame: what `plot.ts` puts title, theme and small multiples around. */
export interface Drawing {
  /** One object a mark, with the names of channels as keys: the table's own names may hold dots and brackets, which Vega reads as paths. */
  data: Record<string, Json>[];
  /** Mark and encoding, or layers of them. */
  view: Record<string, Json>;
  remarks: string[];
  facets: string[];
  /** How the chart reads in words, for those who do not see it. */
  words: string;
}

/** More than ten colours cannot be told apart, more than twelve small charts not be compared. */
const MOST_COLORS = 10;
const MOST_FACETS = 12;

export const NO_LEVELS = (rows: number): Levels => ({
  codes: new Int32Array(rows),
  levels: [{ label: "" }],
  isOrdered: false,
  remarks: [],
});

export function colorLevels({ color, rows }: Request): Levels {
  return color === undefined
    ? NO_LEVELS(rows)
    : categories(color, { most: MOST_COLORS, rest: "other", by: "name" });
}

export function facetLevels({ facet, rows }: Request): Levels {
  return facet === undefined
    ? NO_LEVELS(rows)
    : categories(facet, { most: MOST_FACETS, rest: "leave-out", by: "frequency" });
}

export function labels(levels: Levels): string[] {
  return levels.levels.map(({ label }) => label);
}

/** Seven digits are more than a screen shows; whole numbers and times keep all of theirs. */
export function short(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(7));
}

/** A numeric or time axis. */
export function continuous(series: Series, title = series.title): Record<string, Json> {
  const type = series.type === "time" ? "temporal" : "quantitative";
  const scale: Record<string, Json> = {};
  if (series.type === "time") scale["type"] = "utc";
  if (series.log) scale["type"] = "log";
  if (series.domain !== undefined) scale["domain"] = series.domain;
  return { type, title, ...(Object.keys(scale).length > 0 && { scale }) };
}

/** An axis of categories in their order; labels are turned only where they would run into each other. */
export function discrete(title: string, names: string[], roomPx: number): Record<string, Json> {
  const widest = Math.max(0, ...names.map((name) => typefaceWidth(name, 11)));
  const isTight = widest > roomPx / Math.max(1, names.length) - 4;
  return {
    type: "nominal",
    title,
    sort: names,
    axis: isTight ? { labelAngle: -40, labelAlign: "right" } : { labelAngle: 0 },
  };
}

/** The colour channel of categories, or undefined where the chart has one colour. */
export function colorChannel(request: Request, levels: Levels): Record<string, Json> | undefined {
  if (request.color === undefined) return undefined;
  const domain = labels(levels);
  const hasOrder = levels.isOrdered && domain.length > 1;
  return {
    field: "color",
    type: hasOrder ? "ordinal" : "nominal",
    title: request.color.title,
    sort: domain,
    legend:
      request.mark === "line"
        ? { symbolType: "stroke", symbolStrokeWidth: 2 }
        : { symbolType: "square", symbolOpacity: 1 },
    scale: hasOrder ? { domain, scheme: "viridis" } : { domain, range: categoryColors(domain) },
  };
}

export const MARK_COLOR = PALETTE[0] ?? "black";

export function tooltip(...fields: [field: string, title: string, type?: string][]): Json {
  return fields.map(([field, title, type]) => ({
    field,
    title,
    ...(type === "temporal" && { type, format: "%Y-%m-%d" }),
  }));
}

/** Colours and small charts as members of a datum, where the chart has them. */
export function splitMembers(
  request: Request,
  color: Levels,
  facet: Levels,
  colorCode: number,
  facetCode: number,
): { color?: string; facet?: string } {
  return {
    ...(request.color && { color: color.levels[colorCode]?.label ?? "" }),
    ...(request.facet && { facet: facet.levels[facetCode]?.label ?? "" }),
  };
}

export function rowsText(rows: number): string {
  return plural(rows, "row");
}

/** `plot(table, { mark, x, y, … })`: a chart in one line, small in the notebook whatever the table's size. */
import { inspect } from "node:util";
import type { MimeBundle } from "../../../core/host.ts";
import type { Json } from "../../../core/json.ts";
import { DISPLAY, PREVIEW, type Displayable } from "../displayable.ts";
import { viewOf, type TableLike } from "../table-view.ts";
import { typefaceWidth } from "../text-width.ts";
import { drawBoxes } from "./draw-boxes.ts";
import { drawPoints } from "./draw-points.ts";
import { drawRects } from "./draw-rects.ts";
import { drawSummary } from "./draw-summary.ts";
import { cannotDraw, type Drawing, type Request } from "./drawing.ts";
import { readSeries, type Series } from "./series.ts";
import { MARKS, SUMMARIES, type Channel, type PlotSpec } from "./spec.ts";
import { renderSvg } from "./svg.ts";
import { THEME } from "./theme.ts";

export type { Axis, Channel, Mark, PlotSpec, Summary } from "./spec.ts";

/**
 * JupyterLab 4 draws Vega-Lite up to version 5 by itself, and no version 6; nothing used here differs
 * between the two.
 */
const VEGA_LITE = "application/vnd.vegalite.v5+json";
const VEGA_LITE_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json";

/** A chart. As the last value of a cell, or given to `display`, it is shown. */
export interface Chart extends Displayable {
  /** The whole chart as Vega-Lite, its data inside. */
  readonly spec: Readonly<Record<string, Json>>;
  /** The chart in words. */
  readonly text: string;
  /** A static picture, for a report or a file. */
  toSvg(): Promise<string>;
}

/**
 * A chart of a table's columns.
 *
 *     plot(kept, { mark: "bar", x: "price", color: "room_type" })                        // a histogram
 *     plot(kept, { mark: "bar", x: "borough", y: { column: "price", unit: "USD" }, summary: "median" })
 *     plot(scored, { mark: "point", x: "price", y: "predicted", title: "Test set" })
 *
 * Only the columns used are kept, binned or summarised before they are: the histogram of a million rows
 * is thirty numbers. What is left out (missing values, a sample of the points, rare categories) is said in
 * the subtitle.
 *
 * @param table a `Table`, an arquero table or an array of objects
 * @throws StepLabError table/no-such-column, or plot/cannot-draw for columns that the mark cannot draw
 */
export function plot<Row extends object>(
  table: TableLike<Row> | readonly Row[],
  spec: PlotSpec<Row>,
): Chart {
  const request = readRequest(table, spec as PlotSpec<Record<string, unknown>>); // column names are checked against the table below
  const drawing = draw(request);
  return new VegaChart(
    frame(request, drawing, spec),
    [spec.title, drawing.words].filter(Boolean).join(": "),
  );
}

const WIDTH = 560;
const HEIGHT = 300;
const FACET_HEIGHT = 160;
const FACET_COLUMNS = 3;
const FACET_GAP = 20;
const BINS = 30;

function readRequest(table: unknown, spec: PlotSpec<Record<string, unknown>>): Request {
  const view = viewOf(table);
  if (view === undefined) throw noTable(table);
  if (!MARKS.includes(spec.mark))
    throw cannotDraw(`There is no mark "${spec.mark}". Marks are: ${MARKS.join(", ")}.`);
  if (spec.summary !== undefined && !SUMMARIES.includes(spec.summary))
    throw cannotDraw(
      `There is no summary "${spec.summary}". Summaries are: ${SUMMARIES.join(", ")}.`,
    );
  const series = (channel: Channel<Record<string, unknown>> | undefined) =>
    channel === undefined
      ? undefined
      : readSeries(view, typeof channel === "string" ? { column: channel } : channel);
  const [x, y, color, size, facet] = [spec.x, spec.y, spec.color, spec.size, spec.facet].map(
    series,
  );
  return {
    mark: spec.mark,
    rows: view.rows,
    ...(x && { x }),
    ...(y && { y }),
    ...(color && { color }),
    ...(size && { size }),
    ...(facet && { facet }),
    ...(spec.summary && { summary: spec.summary }),
    bins: spec.bins ?? BINS,
    width: spec.width ?? Math.floor(WIDTH / columnsFor(facet)),
    height: spec.height ?? (facet ? FACET_HEIGHT : HEIGHT),
  };
}

/** Small charts side by side; of a text their number is known before anything is drawn. */
function columnsFor(facet: Series | undefined): number {
  if (facet === undefined) return 1;
  return facet.type === "text" ? Math.min(FACET_COLUMNS, facet.values.length) : FACET_COLUMNS;
}

function noTable(value: unknown): Error {
  if (Array.isArray(value) && value.length === 0)
    return cannotDraw("This array has no rows, so it has no columns either.");
  return cannotDraw(
    "The first argument of plot is a table or an array of objects, and this is neither.",
    "Is an `await` missing before `input.….read()`?",
  );
}

function draw(request: Request): Drawing {
  switch (request.mark) {
    case "bar":
    case "line":
    case "area":
      return drawSummary(request);
    case "point":
      return drawPoints(request);
    case "boxplot":
      return drawBoxes(request);
    case "rect":
      return drawRects(request);
  }
}

/** Title, theme, size and, where asked for, one small chart a value. */
function frame<Row extends object>(
  { width, height, facet }: Request,
  { data, view, remarks, facets }: Drawing,
  { title, subtitle }: PlotSpec<Row>,
): Record<string, Json> {
  const columns = Math.min(FACET_COLUMNS, Math.max(1, facets.length));
  const whole = facet ? columns * (width + FACET_GAP) : width;
  const sized = { width, height, ...view };
  const body = facet
    ? {
        facet: { field: "facet", type: "nominal", title: null, sort: facets },
        columns,
        spacing: FACET_GAP,
        spec: sized,
      }
    : sized;
  const lines = wrap(
    [subtitle, ...remarks].filter((text) => text !== undefined),
    whole,
  );
  return {
    $schema: VEGA_LITE_SCHEMA,
    ...((title || lines.length > 0) && {
      title: { text: title ?? "", ...(lines.length > 0 && { subtitle: lines }) },
    }),
    data: { values: data },
    ...body,
    config: THEME,
  };
}

/** Remarks as lines that fit above the chart. */
function wrap(texts: string[], width: number): string[] {
  const lines: string[] = [];
  for (const text of texts) {
    const longer = lines.length > 0 ? `${lines.at(-1)} · ${text}` : text;
    if (lines.length > 0 && typefaceWidth(longer, 11.5) <= width) lines[lines.length - 1] = longer;
    else lines.push(text);
  }
  return lines;
}

class VegaChart implements Chart {
  readonly spec: Readonly<Record<string, Json>>;
  readonly text: string;

  constructor(spec: Record<string, Json>, text: string) {
    this.spec = spec;
    this.text = text;
  }

  toSvg(): Promise<string> {
    return renderSvg(this.spec, this.text);
  }

  [PREVIEW](): MimeBundle {
    return { [VEGA_LITE]: this.spec, "text/plain": `[chart] ${this.text}` };
  }

  async [DISPLAY](): Promise<MimeBundle> {
    return { ...this[PREVIEW](), "image/svg+xml": await this.toSvg() };
  }

  [inspect.custom](): string {
    return `[chart] ${this.text}`;
  }
}

/** How charts look: colours that colour-blind people tell apart, quiet axes, one typeface. */
import type { Json } from "../../../core/json.ts";

/**
 * Okabe and Ito 2008 ("Color Universal Design"), the blue first and the yellow, which white paper swallows,
 * darkened; the last, grey, is for what was put together as "other".
 */
export const PALETTE = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#cc79a7",
  "#56b4e9",
  "#d55e00",
  "#8a7f00",
  "#5d4b9c",
  "#a65628",
  "#999999",
];
const OTHER_COLOR = "#999999";

/** Colours for categories in their order. */
export function categoryColors(labels: readonly string[]): string[] {
  return labels.map((label, i) =>
    label.startsWith("other (") ? OTHER_COLOR : (PALETTE[i % PALETTE.length] ?? OTHER_COLOR),
  );
}

/** Helvetica and its metric twins, because widths are computed for them (`text-width.ts`). */
export const TYPEFACE = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif";

/**
 * No colour of text or background is set: JupyterLab gives a chart the colours of its theme, light or
 * dark, and what should be quiet is so by opacity. Only the static picture has paper (`svg.ts`).
 */
export const THEME: Json = {
  font: TYPEFACE,
  padding: 8,
  view: { stroke: null },
  title: {
    anchor: "start",
    fontSize: 14,
    fontWeight: 600,
    subtitleFontSize: 11.5,
    subtitlePadding: 4,
    offset: 12,
    frame: "group",
  },
  axis: {
    labelFontSize: 11,
    labelOpacity: 0.8,
    titleFontSize: 11.5,
    titleFontWeight: 500,
    titlePadding: 8,
    domainOpacity: 0.6,
    tickOpacity: 0.6,
    tickSize: 4,
    gridColor: "#888888",
    gridOpacity: 0.22,
    labelLimit: 160,
  },
  axisX: { grid: false },
  axisY: { domain: false, ticks: false, labelPadding: 6 },
  legend: {
    labelFontSize: 11,
    labelOpacity: 0.85,
    titleFontSize: 11.5,
    titleFontWeight: 500,
    symbolStrokeWidth: 0,
    labelLimit: 180,
  },
  header: { labelFontSize: 12, labelFontWeight: 500, labelPadding: 6, title: null },
  bar: { binSpacing: 1 },
  line: { strokeWidth: 2 },
  range: { ramp: { scheme: "viridis" }, heatmap: { scheme: "viridis" } },
};

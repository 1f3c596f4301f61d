/** A chart as a static SVG, drawn without a browser and without a canvas: the same bytes on every machine. */
import type { Json } from "../../../core/json.ts";
import { typefaceWidth } from "../text-width.ts";

/** Loading Vega takes about 0.15 s, so it is loaded when the first chart is shown: a stage that plots nothing pays nothing. */
async function loadVega() {
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  // Without a canvas Vega takes every letter for 0.8 em, which leaves wide empty margins.
  metricsOf(vega).width = (item, text) => {
    const width = typefaceWidth(text === null ? "" : `${text}`, item.fontSize ?? 11);
    return item.limit ? Math.min(width, item.limit) : width; // longer labels are cut to their limit
  };
  return { vega, vegaLite };
}

interface TextMetrics {
  width(item: { fontSize?: number; limit?: number }, text: string | number | null): number;
}

/** Exported by vega-scenegraph for this purpose (vl-convert does the same), but missing in Vega's types. */
function metricsOf(vega: object): TextMetrics {
  return (vega as { textMetrics: TextMetrics }).textMetrics;
}

let loaded: ReturnType<typeof loadVega> | undefined;

/**
 * @param spec Vega-Lite, with its data inside
 * @param title what a screen reader says
 */
export async function renderSvg(spec: Json, title: string): Promise<string> {
  loaded ??= loadVega();
  const { vega, vegaLite } = await loaded;
  const compiled = vegaLite.compile(
    spec as unknown as Parameters<typeof vegaLite.compile>[0], // made by plot.ts and its draw-*.ts
    { config: PAPER },
  );
  vega.resetSVGDefIds(); // identifiers count from 0 in every chart
  const view = new vega.View(vega.parse(compiled.spec), {
    renderer: "none",
    logLevel: vega.Error,
  });
  try {
    return withTitle(compact(await view.toSVG()), title);
  } finally {
    view.finalize();
  }
}

/**
 * The static picture has paper: it is seen on GitHub, in nbviewer and in printed reports, on backgrounds
 * that it cannot know. Descriptions of single marks are left out: they triple its size.
 */
const PAPER = { background: "#ffffff", aria: false };

/**
 * Vega writes a point as a path of 260 characters; as a circle of 55 it is the same picture, and the
 * scatter plot of 5,000 points 0.3 MB instead of 1.3. Positions to a tenth of a pixel are enough.
 */
function compact(svg: string): string {
  return svg.replace(
    /<path transform="translate\(([-\d.]+),([-\d.]+)\)" d="M([\d.]+),0A\3,\3,0,1,1,-\3,0A\3,\3,0,1,1,\3,0"([^>]*)\/>/g,
    (_, x: string, y: string, r: string, style: string) =>
      `<circle cx="${tenth(x)}" cy="${tenth(y)}" r="${r}"${withoutIdleStroke(style)}/>`,
  );
}

function tenth(number: string): string {
  return String(Math.round(Number(number) * 10) / 10);
}

function withoutIdleStroke(style: string): string {
  return style.includes(" stroke=") ? style : style.replace(/ stroke-width="[^"]*"/, "");
}

function withTitle(svg: string, title: string): string {
  const text = title.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  return svg.replace(/^<svg\b/, `<svg role="img" aria-label="${text}"`);
}

/** What people see in a notebook: values, tables, pictures, charts and progress. All exports are part of "steplab". */
import * as rich from "./rich.ts";
import { showValue, type DisplayHandle, type ShowOptions } from "./show.ts";

/** The functions of {@link display}. */
export interface Display {
  /**
   * Shows a value in the notebook, in the middle of a cell: a table, a chart, an array of objects (as a
   * table), anything with `[Symbol.for("Jupyter.display")]`, a bundle by MIME type, or any value as Node
   * prints it. The last value of a cell is shown without it.
   *
   * @returns what was shown, to be replaced later: `const state = display("…"); state.update("done")`
   */
  (value: unknown, options?: ShowOptions): DisplayHandle;
  markdown: typeof rich.markdown;
  html: typeof rich.html;
  latex: typeof rich.latex;
  json: typeof rich.json;
  image: typeof rich.image;
}

/**
 * Shows a value before the cell ends, as often as wanted; its members show text and data of one kind.
 *
 *     const state = display("loading …");
 *     state.update(`${listings.numRows()} listings`);
 *     display.markdown`The first borough is **${listings.get("borough", 0)}**.`;
 */
export const display: Display = Object.assign(
  (value: unknown, options?: ShowOptions) => showValue(value, options),
  {
    markdown: rich.markdown,
    html: rich.html,
    latex: rich.latex,
    json: rich.json,
    image: rich.image,
  },
);

export {
  plot,
  type Axis,
  type Chart,
  type Mark,
  type PlotSpec,
  type Summary,
} from "./chart/plot.ts";
export { gallery, type GalleryOptions, type Picture } from "./gallery.ts";
export { progress, type Progress } from "./progress.ts";
export type { Displayable } from "./displayable.ts";
export type { DisplayHandle, ShowOptions } from "./show.ts";
export type { ImageOptions } from "./rich.ts";

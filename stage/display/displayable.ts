/** The protocol between things that can be shown and what shows them. */
import type { MimeBundle } from "../../core/host.ts";

/**
 * An object that knows how it is shown has a method of this name. Deno's Jupyter kernel calls the same
 * symbol, so objects made for one are shown by the other.
 */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display");

/** A bundle that is ready before the whole one is: shown at once, replaced when `DISPLAY` has resolved. */
export const PREVIEW: unique symbol = Symbol.for("steplab.preview");

/** Anything that says itself how it is shown, as a bundle by MIME type: `{ "text/plain": …, "text/html": … }`. */
export interface Displayable {
  /** An empty bundle says that there is nothing (more) to show. */
  [DISPLAY](): MimeBundle | Promise<MimeBundle>;
  [PREVIEW]?(): MimeBundle;
}

/** Whether a value says itself how it is shown. */
export function isDisplayable(value: unknown): value is Displayable {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    DISPLAY in value &&
    typeof value[DISPLAY] === "function"
  );
}

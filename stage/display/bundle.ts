/** From a value to what Jupyter shows of it: a bundle with one representation a MIME type. */
import { inspect } from "node:util";
import type { MimeBundle } from "../../core/host.ts";
import type { Json } from "../../core/json.ts";
import { DISPLAY, isDisplayable, PREVIEW } from "./displayable.ts";
import { tableBundle } from "./table-bundle.ts";
import { isPlainObject, viewOf } from "./table-view.ts";

/** A bundle and what Jupyter keeps beside it: per MIME type, an image's size or its alternative text. */
export interface Shown {
  bundle: MimeBundle;
  metadata?: Record<string, Json>;
}

const MIME_TYPE = /^[a-z]+\/[a-z0-9][a-z0-9.+_-]*$/i;

/**
 * An object whose every key is a MIME type, and whose values are what such a type holds, is a bundle already.
 * Counts by MIME type are data: their values are numbers.
 */
export function isBundle(value: unknown): value is MimeBundle {
  if (!isPlainObject(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length > 0 &&
    entries.every(
      ([type, content]) =>
        MIME_TYPE.test(type) && (typeof content === "string" || /[/+]json$/.test(type)),
    )
  );
}

/**
 * What is shown of any value: a displayable's own bundle, a table for tables and arrays of objects, the
 * value as Node prints it otherwise.
 */
export function bundleOf(value: unknown): MimeBundle | Promise<MimeBundle> {
  if (isDisplayable(value)) return value[DISPLAY]();
  if (isBundle(value)) return value;
  const view = viewOf(value);
  if (view !== undefined) return tableBundle(view);
  return { "text/plain": plainText(value) };
}

/** What can be shown of it without waiting. */
export function previewOf(value: unknown): MimeBundle {
  return isDisplayable(value) && value[PREVIEW] !== undefined
    ? value[PREVIEW]()
    : { "text/plain": "…" };
}

/** A value as Node prints it; a string as it stands. Cut so that no output floods a notebook. */
export function plainText(value: unknown): string {
  if (typeof value === "string") return value;
  return inspect(value, {
    depth: 4,
    maxArrayLength: 100,
    maxStringLength: 10_000,
    breakLength: 100,
    compact: 3,
  });
}

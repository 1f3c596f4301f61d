/** A value as a MIME bundle: what a cell's last expression shows. */
import { inspect } from "node:util";
import type { MimeBundle } from "../core/host.ts";

/** Deno's convention, which libraries implement already: a method that returns a MIME bundle, possibly later. */
const DISPLAY = Symbol.for("Jupyter.display");

export async function bundleOf(value: unknown): Promise<MimeBundle> {
  const display = (value as { [DISPLAY]?: unknown } | null | undefined)?.[DISPLAY]; // looked up on anything
  if (typeof display === "function") {
    const bundle: unknown = await display.call(value);
    if (bundle !== null && typeof bundle === "object") {
      // Always with text: consoles and diffs show nothing else.
      return { "text/plain": plainText(value), ...(bundle as MimeBundle) }; // the convention's promise
    }
  }
  return { "text/plain": plainText(value) };
}

export function plainText(value: unknown): string {
  return inspect(value, { colors: false, depth: 4, maxStringLength: 10_000 });
}

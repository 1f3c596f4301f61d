/** A value as a MIME bundle: what a cell's last expression shows. */
import { inspect } from "node:util";
import type { MimeBundle } from "../core/host.ts";
import { DISPLAY, isDisplayable } from "../stage/display/displayable.ts";
import { tableBundle } from "../stage/display/table-bundle.ts";
import { viewOf } from "../stage/display/table-view.ts";

/** An empty bundle says that there is nothing to show: the value of `display(…)` was shown already. */
export async function bundleOf(value: unknown): Promise<MimeBundle> {
  if (isDisplayable(value)) {
    const bundle = await value[DISPLAY]();
    // Always with text: consoles and diffs show nothing else.
    return Object.keys(bundle).length === 0 ? {} : { "text/plain": plainText(value), ...bundle };
  }
  const rows = viewOf(value);
  return rows === undefined ? { "text/plain": plainText(value) } : tableBundle(rows);
}

export function plainText(value: unknown): string {
  return inspect(value, { colors: false, depth: 4, maxStringLength: 10_000 });
}

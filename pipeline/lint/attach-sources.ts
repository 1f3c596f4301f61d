/** Gives every diagnostic the text of its line, so that printers need no files. */
import { join } from "node:path";
import type { Diagnostic, Place } from "../../core/diagnostic.ts";
import type { ReadText } from "../../core/read-text.ts";
import { TextPositions } from "../../core/text-position.ts";
import type { LintContext } from "./context.ts";

/** Diagnostics with the line they are about, for those that do not have it yet. */
export function withSources(
  context: Pick<LintContext, "root" | "pipeline" | "documentText" | "notebooks" | "read">,
  diagnostics: readonly Diagnostic[],
): Diagnostic[] {
  const texts = new Map<string, TextPositions | undefined>();
  texts.set(context.pipeline.document, new TextPositions(context.documentText));
  const lineAt = (place: Place): string | undefined => {
    if (place.line === undefined) return undefined;
    if (place.cell) {
      const cells = context.notebooks.get(place.file)?.notebook.cells ?? [];
      const cell = cells[place.cell.number - 1];
      return cell && new TextPositions(cell.source).lineText(place.line);
    }
    if (!texts.has(place.file))
      texts.set(place.file, readOr(context.read, join(context.root, place.file)));
    return texts.get(place.file)?.lineText(place.line);
  };
  const attach = <T extends { at: Place; source?: string }>(item: T): T => {
    if (item.source !== undefined) return item;
    const source = lineAt(item.at);
    return source === undefined ? item : { ...item, source };
  };
  return diagnostics.map((diagnostic) => ({
    ...attach(diagnostic),
    ...(diagnostic.related && { related: diagnostic.related.map(attach) }),
  }));
}

function readOr(read: ReadText, path: string): TextPositions | undefined {
  try {
    return new TextPositions(read(path));
  } catch {
    return undefined; // a file that is not there is what the diagnostic is about
  }
}

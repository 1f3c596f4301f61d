/** TypeScript to JavaScript with oxc: types off; enums, namespaces and parameter properties made real. */
import { SourceMap } from "node:module";
import type { OxcError, TransformOptions } from "oxc-transform";
import { transformSync } from "oxc-transform";
import type { Position } from "./pieces.ts";
import { positionOf } from "./pieces.ts";

const OPTIONS: TransformOptions = {
  lang: "ts",
  sourceType: "module",
  target: "esnext",
  // Imports that a cell does not use are for the cells below; only `import type` goes.
  typescript: { onlyRemoveTypeImports: true },
};

export interface Transformed {
  /** What the person wrote. */
  source: string;
  /** The JavaScript of it. */
  code: string;
  /** Parentheses were set around the source: its first line begins one column further right. */
  wrapped: boolean;
}

/** An error of syntax, with its place in the cell. */
export class CellSyntaxError extends SyntaxError {
  readonly place: Position;

  constructor(message: string, place: Position) {
    super(message);
    this.name = "SyntaxError";
    this.place = place;
  }
}

/** @throws CellSyntaxError */
export function transformCell(source: string): Transformed {
  // `{ a: 1 }` alone would be a block with a label; people mean the object, as in every console.
  if (/^\s*\{/.test(source) && !/;\s*$/.test(source)) {
    const { code, errors } = transformSync("cell.ts", `(${source}\n)`, OPTIONS);
    if (errors.length === 0) return { source, code, wrapped: true };
  }
  const { code, errors } = transformSync("cell.ts", source, OPTIONS);
  const [error] = errors;
  if (error) {
    throw new CellSyntaxError(error.message, positionOf(source, startOf(error)));
  }
  return { source, code, wrapped: false };
}

/** @throws CellSyntaxError */
export function transformModule(path: string, source: string): string {
  const { code, errors } = transformSync(path, source, OPTIONS);
  const [error] = errors;
  if (!error) return code;
  const place = positionOf(source, startOf(error));
  throw new CellSyntaxError(`${error.message} (${path}:${place.line}:${place.column})`, place);
}

/** A name declared twice is marked at both places, the second is the one to change. */
function startOf({ message, labels }: OxcError): number {
  const label = message.includes("already been declared") ? labels.at(-1) : labels[0];
  return label?.start ?? 0;
}

/** Made again when an error needs it: most cells never do. Takes and gives lines and columns from 1. */
export function originalPosition(
  transformed: Pick<Transformed, "source" | "wrapped">,
  position: Position,
): Position {
  const { line, column } = originalPositions(transformed)(position);
  return { line, column };
}

/** The same for many positions of one text. `exact`: something of the person's begins right there. */
export function originalPositions({
  source,
  wrapped,
}: Pick<Transformed, "source" | "wrapped">): (position: Position) => Position & { exact: boolean } {
  const text = wrapped ? `(${source}\n)` : source;
  const { map } = transformSync("cell.ts", text, { ...OPTIONS, sourcemap: true });
  if (!map) return (position) => ({ ...position, exact: false });
  // oxc's map is the standard's form; Node's type also wants `file`, which it does not read.
  const entries = new SourceMap({ file: "", sourceRoot: "", sourcesContent: [], ...map });
  return (position) => {
    const entry = entries.findEntry(position.line - 1, position.column - 1);
    if (!("originalLine" in entry)) return { ...position, exact: false };
    const shift = wrapped && entry.originalLine === 0 ? 1 : 0;
    return {
      line: entry.originalLine + 1,
      column: Math.max(1, entry.originalColumn + 1 - shift),
      exact:
        entry.generatedLine === position.line - 1 && entry.generatedColumn === position.column - 1,
    };
  };
}

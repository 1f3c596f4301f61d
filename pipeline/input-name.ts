/** How a notebook declares a file and calls what it reads of it. */
import { mediaTypeOf } from "../core/media-type.ts";
import { parseModule } from "../core/module-facts.ts";
import { GLOBALS } from "./notebooks/globals.ts";

/** What a stage's notebook has by these names already: its own, and what it imports of steplab. */
const TAKEN = new Set([
  "a",
  "check",
  "input",
  "inputs",
  "output",
  "outputs",
  "parameters",
  "params",
  "sql",
  "z",
]);

/** `a.file()`, with the media type that the file's ending says. */
export function fileKind(path: string): string {
  const media = mediaTypeOf(path);
  return media === "application/octet-stream" ? "a.file()" : `a.file({ media: "${media}" })`;
}

/** `zone-lookup.csv` is `zoneLookup`. */
export function nameOfFile(file: string): string {
  const name = camelCase(file.replace(/^\.+/, "").replace(/\.[^.]*$/, "")) || "file";
  return /^\d/.test(name) ? `file${name}` : name;
}

/** The name of an input that a new notebook can have, for a file by its path: `data/TILL-2025.csv` is `till2025`. */
export function inputNameOf(path: string): string {
  const base = path.split(/[\\/]/).at(-1) ?? "";
  const name = nameOfFile(
    base.replace(/^[A-Z]+(?=[^A-Za-z0-9]|$)/, (shouted) => shouted.toLowerCase()),
  );
  return isFreeName(name) ? name : `${name}File`;
}

export function camelCase(text: string): string {
  const words = text.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return words
    .map((word, at) =>
      at === 0 ? word.charAt(0).toLowerCase() + word.slice(1) : capitalised(word),
    )
    .join("");
}

export function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** `delivery` holds rows of `Delivery`. */
export function schemaNameOf(input: string): string {
  const name = capitalised(input);
  return name !== input && isFreeName(name) ? name : `${name}Row`; // a variable of the input's name is there too
}

/** Whether a variable of a stage's notebook can be called so. */
export function isFreeName(name: string): boolean {
  if (TAKEN.has(name) || GLOBALS.has(name)) return false; // Node's own would be hidden (`structure/shadowed-global`)
  return parseModule("name.ts", `const ${name} = 1;`).errors.length === 0;
}

/** Names in a notebook for what is read of a file. */
import { StepLabError } from "../../core/error.ts";
import { parseModule } from "../../core/module-facts.ts";

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
/** At the top of a cell they would hide Node's own (`structure/shadowed-global`). */
const GLOBALS = new Set(Object.getOwnPropertyNames(globalThis));

/** The name of an input that reads a file which nobody has named: `data/till-2025.csv` is `till2025`. */
export function inputNameOf(path: string): string {
  const base = path.split(/[\\/]/).at(-1) ?? "";
  const [first = "", ...rest] = base.replace(/\.[^.]*$/, "").match(/[A-Za-z0-9]+/g) ?? [];
  const words = [
    /^[A-Z]+$/.test(first) ? first.toLowerCase() : first.charAt(0).toLowerCase() + first.slice(1),
    ...rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)),
  ];
  const name = words.join("");
  if (name === "") return "rows";
  if (/^[0-9]/.test(name)) return `file${name}`;
  return isFree(name) ? name : `${name}File`;
}

/** @throws StepLabError `cli/usage` for one that a variable of the notebook cannot have */
export function checkInputName(name: string): void {
  if (isFree(name)) return;
  throw new StepLabError(
    "cli/usage",
    `No input can be called "${name}" in a new notebook: the name means something there.`,
    {
      hint: `--input ${name}Rows=…`,
    },
  );
}

/** `delivery` holds rows of `Delivery`. */
export function schemaNameOf(input: string): string {
  const name = input.charAt(0).toUpperCase() + input.slice(1);
  return name !== input && isFree(name) ? name : `${name}Row`; // a variable of the input's name is there too
}

function isFree(name: string): boolean {
  if (TAKEN.has(name) || GLOBALS.has(name)) return false;
  return parseModule("name.ts", `const ${name} = 1;`).errors.length === 0;
}

/** The name of an input that reads a file which nobody has named: `data/till-2025.csv` is `till2025`. */
import { parseModule } from "../../core/module-facts.ts";

/** What a notebook calls by these names already. */
const TAKEN = new Set(["input", "output", "params", "a", "z", "check", "sql", "inputs", "outputs"]);

export function inputNameOf(path: string): string {
  const base = path.split(/[\\/]/).at(-1) ?? "";
  const [first = "", ...rest] = base.replace(/\.[^.]*$/, "").match(/[A-Za-z0-9]+/g) ?? [];
  const words = [
    /^[A-Z]+$/.test(first) ? first.toLowerCase() : first.charAt(0).toLowerCase() + first.slice(1),
    ...rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)),
  ];
  const name = words.join("");
  if (name === "") return "file";
  if (/^[0-9]/.test(name)) return `file${name}`;
  return TAKEN.has(name) || !isName(name) ? `${name}File` : name;
}

function isName(name: string): boolean {
  return parseModule("name.ts", `const ${name} = 1;`).errors.length === 0;
}

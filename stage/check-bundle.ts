/** A check's result as people see it under the cell: a sign, a word, its name, and what was found. */
import type { CheckFact } from "../core/fact.ts";
import type { MimeBundle } from "../core/host.ts";
import type { Json } from "../core/json.ts";
import { escapeHtml } from "./display/escape.ts";

/** Colour only helps: sign and word carry the meaning. Chosen to be told apart by the colour-blind. */
const LOOKS = {
  passed: { sign: "✓", word: "passed", colour: "#1a7f37" },
  failed: { sign: "✗", word: "failed", colour: "#c62828" },
  warned: { sign: "!", word: "warning", colour: "#9a6700" },
} as const;

/** As HTML, and as one line of text. */
export function checkBundle(fact: CheckFact): MimeBundle {
  const { sign, word, colour } = LOOKS[fact.status];
  const what = sayCheck(fact);
  const label = `<span style="color:${colour};font-weight:600">${sign} ${word}</span>`;
  return {
    "text/html": `<div>${label} ${escapeHtml(what)}</div>`,
    "text/plain": `${sign} ${word}: ${what}`,
  };
}

/** One line about a check: `"inside the city": 1 of 19,001 rows, first: row 1,042, latitude 39.8`. */
export function sayCheck({ name, rule, value, rows }: CheckFact): string {
  const parts: string[] = [];
  if (rows !== undefined) {
    parts.push(`${figure(rows.failed)} of ${figure(rows.total)} rows`);
    const [first] = rows.first;
    if (first !== undefined) {
      const values = Object.entries(first.values).map(
        ([column, shown]) =>
          `${column} ${typeof shown === "string" ? shown : JSON.stringify(shown)}`,
      );
      parts.push(`first: ${[`row ${figure(first.row)}`, ...values.slice(0, 4)].join(", ")}`);
    }
  }
  if (value !== undefined) parts.push(say(value));
  if (rule !== undefined) parts.push(`rule: ${rule}`);
  return parts.length === 0 ? `"${name}"` : `"${name}": ${parts.join(", ")}`;
}

function say(value: Json): string {
  return typeof value === "number" ? figure(value) : JSON.stringify(value);
}

/** A number as people read it. */
export function figure(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 6 });
}

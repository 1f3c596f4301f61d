/** What stands behind an input's name in PIPELINE.md, as a `Wire`. */
import { globSync } from "node:fs";
import type { Wire } from "../pipeline.ts";

/** A stage's or pipeline's name: it becomes part of folder names and of `-p stage.name=value`, so no dots and no spaces. */
export const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

/**
 * Told apart by form alone, so that a reader of the document can: `run:…`, `http(s)://…`, a pattern,
 * `stage.output` (two names, one dot, no slash), else a path. A file in the project's root is written `./listings.csv`.
 */
export function parseWire(text: string): Wire | undefined {
  if (text === "") return undefined;
  if (text.startsWith("run:")) {
    const match = /^run:([^/\s]+)\/([A-Za-z][A-Za-z0-9_-]*)\.([A-Za-z_$][\w$]*)$/.exec(text);
    const [, run, stage, output] = match ?? [];
    return run && stage && output ? { kind: "run", run, stage, output } : undefined;
  }
  if (/^https?:\/\//i.test(text))
    return URL.canParse(text) ? { kind: "url", url: text } : undefined;
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) return undefined; // s3://, ftp://: not fetched
  if (/[*?[{]/.test(text)) return { kind: "glob", pattern: text };
  const [, stage, output] = /^([A-Za-z][A-Za-z0-9_-]*)\.([A-Za-z_$][\w$]*)$/.exec(text) ?? [];
  if (stage && output) return { kind: "output", stage, output };
  return { kind: "path", path: text };
}

/** What a pattern means now: the last by name of the files that fit, because deliveries are named by date. */
export function lastMatch(root: string, pattern: string): string | null {
  return globSync(pattern, { cwd: root }).sort().at(-1) ?? null;
}

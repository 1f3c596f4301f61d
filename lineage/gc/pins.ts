/** Runs that the project's own documents name: `prices: run:2026-11-21T010203Z-6f3a/process.listings`. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isRunId } from "../archive.ts";
import type { Protection } from "./protect.ts";

const NAMED = /\brun:([\w-]+)\//g;

/** One a document that names any. Read as text: a document that does not lint yet pins its runs all the same. */
export function pinsOf(projectRoot: string): Protection[] {
  const exclude = (name: string): boolean =>
    name === "runs" || /(?:^|[/\\])(?:node_modules|\..*)$/.test(name);
  const documents = globSync("**/*.{md,ipynb}", { cwd: projectRoot, exclude }).sort();
  return documents.flatMap((document) => {
    const text = readFileSync(join(projectRoot, document), "utf8");
    const runs = [...text.matchAll(NAMED)].flatMap(([, run = ""]) => (isRunId(run) ? [run] : []));
    return runs.length === 0 ? [] : [{ why: document, runs, digests: [] }];
  });
}

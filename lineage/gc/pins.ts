/** Runs that the project's own documents name: `prices: run:2026-11-21T010203Z-6f3a/process.listings`. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isRunId } from "../archive.ts";
import { StepLabError } from "../../core/error.ts";
import { isErrno } from "../store/files.ts";
import type { Protection } from "./protect.ts";

const NAMED = /\brun:([\w-]+)\//g;

/**
 * One a document that names any. Read as text: a document that does not lint yet pins its runs all the same.
 *
 * @throws StepLabError `gc/unreadable`: what cannot be read may name any run
 */
export function pinsOf(projectRoot: string): Protection[] {
  const exclude = (name: string): boolean =>
    name === "runs" || /(?:^|[/\\])(?:node_modules|\..*)$/.test(name);
  const documents = globSync("**/*.{md,ipynb}", { cwd: projectRoot, exclude }).sort();
  return documents.flatMap((document) => {
    const text = textOf(projectRoot, document);
    const runs = [...text.matchAll(NAMED)].flatMap(([, run = ""]) => (isRunId(run) ? [run] : []));
    return runs.length === 0 ? [] : [{ why: document, runs, digests: [] }];
  });
}

/** Nothing for a folder that is called like a document, and for a link that leads nowhere. */
function textOf(projectRoot: string, document: string): string {
  try {
    return readFileSync(join(projectRoot, document), "utf8");
  } catch (cause) {
    if (isErrno(cause, "EISDIR", "ENOENT", "ELOOP")) return "";
    throw new StepLabError("gc/unreadable", `${document} cannot be read, and may name runs.`, {
      hint: "Give yourself permission to read it. Until then nothing is freed.",
      cause,
    });
  }
}

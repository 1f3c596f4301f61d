/**
 * Judged before anything runs: the document, its notebooks' contracts and all of lint's rules, to a plan's
 * values. The verdict is kept by a fingerprint of all it depends on, so that a run in which nothing changed
 * loads no parser, no schema library and no compiler.
 */
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { withoutCredentials } from "../core/credentials.ts";
import { hasErrors } from "../core/diagnostic.ts";
import { digestOf, digestOfJson, hexOf } from "../core/digest.ts";
import { StepLabError } from "../core/error.ts";
import { readNotebook } from "../core/notebook/index.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { templateOf } from "./execute/executed-notebook.ts";
import type { Judged, Overrides, Verdict } from "./options.ts";
import { isNotebook } from "./document-kind.ts";
import type { LintOptions, LintResult } from "../pipeline/lint/index.ts";
import { lintFingerprint } from "../pipeline/fingerprint.ts";
import type { Archive } from "../lineage/archive.ts";
import { ensureFolder, keepCache, writeFileAtomic } from "../lineage/store/files.ts";
import { readCache } from "../lineage/store/touch.ts";

/** Lint as it is, or a session's that stays open between two verdicts. */
export type Lint = (projectRoot: string, options: LintOptions) => Promise<LintResult>;

const lintOnce: Lint = async (projectRoot, options) => {
  const { lint } = await import("../pipeline/lint/index.ts");
  return await lint(projectRoot, options);
};

const VERSION = 3;
/** Verdicts kept: one a combination of overrides in use. */
const KEPT = 40;

/**
 * What `run` does first: lints, and gives what is known of a sound pipeline. A verdict is kept by content, so judging again
 * what did not change costs some milliseconds.
 *
 * @param onUnknown is called when the verdict is not known and must be made
 * @throws StepLabError `lint/errors` with the diagnostics, `parameter/…` for what the command line said
 */
export async function judge(
  projectRoot: string,
  document: string,
  overrides: Overrides,
  archive: Archive,
  onUnknown: () => void = () => undefined,
  lint: Lint = lintOnce,
): Promise<Judged> {
  if (!existsSync(join(projectRoot, document))) {
    throw new StepLabError("project/not-found", `There is no ${document} in ${projectRoot}.`, {
      hint: "Name the document: npx steplab run <path>",
    });
  }
  if (isNotebook(document)) {
    const { judgeNotebook } = await import("./explore.ts");
    return withNotebooks(
      projectRoot,
      await judgeNotebook(projectRoot, document, overrides, archive),
    );
  }
  const folder = archive.verdicts;
  const fingerprint = (): string =>
    hexOf(digestOfJson([VERSION, document, overrides, lintFingerprint(projectRoot, document)]));
  const before = fingerprint();
  const known = read(join(folder, `${before}.json`));
  if (known !== null) return known;
  onUnknown();
  const verdict = await lintAndResolve(projectRoot, document, overrides, archive, lint);
  const judged = withNotebooks(projectRoot, verdict);
  // A file saved while it was judged: the verdict may be of either text, so it is not kept.
  const hasCredentials = verdict.pipeline.stages.some(({ inputs }) =>
    Object.values(inputs).some(
      (wire) => wire.kind === "url" && withoutCredentials(wire.url) !== wire.url,
    ),
  );
  if (fingerprint() === before && !hasCredentials) {
    keepCache(() => {
      ensureFolder(folder);
      writeFileAtomic(join(folder, `${before}.json`), JSON.stringify(judged), { durable: false });
      forgetOldest(folder);
    });
  }
  return judged;
}

/** The verdict, and which bytes of which notebooks it is about. */
function withNotebooks(projectRoot: string, verdict: Verdict): Judged {
  const notebooks: Judged["notebooks"] = {};
  for (const { name, notebook: path } of verdict.pipeline.stages) {
    const text = readFileSync(join(projectRoot, path), "utf8");
    const { notebook } = readNotebook(text, path);
    notebooks[name] = {
      source: digestOf(text),
      template: notebook === null ? "" : templateOf(notebook),
    };
  }
  return { ...verdict, notebooks };
}

async function lintAndResolve(
  projectRoot: string,
  document: string,
  overrides: Overrides,
  archive: Archive,
  lint: Lint,
): Promise<Verdict> {
  const result = await lint(projectRoot, {
    document,
    ...(overrides.profile !== null && { profile: overrides.profile }),
    params: overrides.front,
    stageParams: overrides.stages,
    cacheDir: archive.contracts,
    reads: false, // the verdict is kept by what it judges, and the run itself tells them
  });
  const { resolveParameters } = await import("./parameters.ts");
  const resolve = (pipeline: Pipeline): Judged["params"] =>
    resolveParameters(pipeline, result.contracts, overrides);
  // What was typed wrong is said as such, not as a fault of the document.
  if (result.pipeline !== null && Object.keys(overrides.stages).length > 0)
    resolve(result.pipeline);
  if (hasErrors(result.diagnostics) || result.pipeline === null) {
    const errors = result.diagnostics.filter((d) => d.severity === "error").length;
    throw new StepLabError(
      "lint/errors",
      `${errors === 1 ? "1 error" : `${errors} errors`} in the pipeline; nothing was run.`,
      {
        hint: "Mend them (npx steplab lint shows them again, --fix mends what is mechanical).",
        diagnostics: result.diagnostics,
      },
    );
  }
  const params = resolve(result.pipeline);
  return {
    pipeline: result.pipeline,
    order: result.order,
    contracts: Object.fromEntries(result.contracts),
    params,
    diagnostics: result.diagnostics,
  };
}

function read(path: string): Judged | null {
  const text = readCache(path);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Judged; // our own cache, named by all it depends on
  } catch {
    return null;
  }
}

function forgetOldest(folder: string): void {
  const files = readdirSync(folder).map((name) => join(folder, name));
  if (files.length <= KEPT) return;
  const byAge = files
    .map((path) => ({ path, at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 })) // another run forgets too
    .sort((a, b) => b.at - a.at);
  for (const { path } of byAge.slice(KEPT)) rmSync(path, { force: true });
}

/**
 * Runs that a front end starts and cancels: each a `steplab run` of its own, as if it were typed in a terminal. It goes
 * on when the front end, its kernel and this service end.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Diagnostic } from "../../core/diagnostic.ts";
import type { Code } from "../../core/codes.ts";
import { StepLabError } from "../../core/error.ts";
import { STEPLAB_ROOT } from "../../core/own-sources.ts";
import { archiveOf } from "../../lineage/archive.ts";
import { readJournal } from "../../lineage/journal.ts";
import { isOwned, markedRuns } from "../../lineage/owner.ts";
import { runFolder } from "../../lineage/query/runs.ts";
import type { RunId } from "../../lineage/record.ts";
import type { RunRequest } from "./protocol.ts";

/** How often the new process's first words are looked for. */
const LOOK_MS = 25;

/**
 * Starts a run and gives its id as soon as it has one: when lint is done.
 *
 * @throws StepLabError what the command says: `lint/errors` with the diagnostics, `parameter/…`, `run/…`
 */
export async function startRun(projectRoot: string, request: RunRequest): Promise<RunId> {
  const folder = mkdtempSync(join(tmpdir(), "steplab-run-"));
  const told = join(folder, "events.jsonl");
  const output = openSync(told, "w");
  // Into files, not pipes: a run must not fail for want of somebody who listens.
  const child = spawn(
    process.execPath,
    [join(STEPLAB_ROOT, "bin", "steplab.js"), "run", "--json", ...wordsOf(request)],
    { cwd: projectRoot, detached: true, stdio: ["ignore", output, output] },
  );
  closeSync(output);
  child.unref();
  let ended = false;
  let failure: Error | null = null;
  child.once("error", (error) => {
    failure = error;
    ended = true;
  });
  child.once("exit", () => (ended = true));
  try {
    for (;;) {
      const isLast = ended; // read after this, so that nothing it wrote is missed
      const [first, ...rest] = linesOf(told);
      if (first?.["type"] === "run-started") return first["run"] as RunId; // the journal's first event
      if (isLast) throw failure ?? refused(rest.at(-1) ?? first, readFileSync(told, "utf8"));
      await wait(LOOK_MS);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true }); // the process goes on writing into it, where the system allows that
  }
}

/** Everything as it would be typed; a JSON value is a YAML scalar or flow too. */
function wordsOf({ document, from, to, only, force, profile, params }: RunRequest): string[] {
  const repeated = (option: string, values: readonly string[] = []): string[] =>
    values.map((value) => `--${option}=${value}`);
  return [
    ...repeated("from", from),
    ...repeated("to", to),
    ...repeated("only", only),
    ...(force === true ? ["--force"] : []),
    ...(profile === undefined ? [] : [`--profile=${profile}`]),
    ...Object.entries(params ?? {}).map(
      ([name, value]) => `--param=${name}=${JSON.stringify(value)}`,
    ),
    ...(document === undefined ? [] : ["--", document]),
  ];
}

/** Whole lines that are JSON: words for people stand between them. */
function linesOf(path: string): Record<string, unknown>[] {
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.flatMap((line) => {
    try {
      return line.startsWith("{") ? [JSON.parse(line) as Record<string, unknown>] : [];
    } catch {
      return [];
    }
  });
}

/** The command ended without a run: its last line of JSON says why (docs/schemas/error.json). */
function refused(last: Record<string, unknown> | undefined, said: string): StepLabError {
  const error = last?.["error"] as
    | { code: Code; message: string; hint: string | null; diagnostics: Diagnostic[] }
    | undefined; // printed by `cli/print/error.ts`
  if (error === undefined)
    return new StepLabError("run/not-started", "The run ended before it began.", {
      hint: said.trim().split("\n").at(-1) ?? "Try in a terminal: npx steplab run",
    });
  return new StepLabError(error.code, error.message, {
    ...(error.hint !== null && { hint: error.hint }),
    diagnostics: error.diagnostics,
  });
}

/**
 * Cancels a run as Ctrl-C in its terminal would, whoever started it: the archive is written first.
 *
 * @throws StepLabError `archive/unknown-run` when it does not go on, `run/elsewhere` when another machine's process owns it
 */
export function cancelRun(projectRoot: string, run: RunId): void {
  const archive = archiveOf(projectRoot);
  if (!markedRuns(archive).includes(run) || !isOwned(archive, run))
    throw new StepLabError("archive/unknown-run", `Run ${run} does not go on any more.`);
  const [started] = readJournal(runFolder(projectRoot, run));
  if (started?.type !== "run-started") return;
  const { host, pid } = started.owner;
  if (host !== hostname())
    throw new StepLabError("run/elsewhere", `Run ${run} goes on on another machine, ${host}.`, {
      hint: "Cancel it there.",
    });
  process.kill(pid, "SIGINT");
}

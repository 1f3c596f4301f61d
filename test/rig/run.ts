/** Runs of a project: in this process through the library, or the real command in a process of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StepLabError } from "../../core/error.ts";
import { renderDiagnostic } from "../../core/render-diagnostic.ts";
import type { Notebook, Output } from "../../core/notebook/index.ts";
import { readNotebook } from "../../core/notebook/index.ts";
import { listRuns, readRecord, runFolder } from "../../lineage/query/runs.ts";
import { archiveOf } from "../../lineage/archive.ts";
import {
  judge,
  openLint,
  run,
  type LintSession,
  type RunEvent,
  type RunId,
  type RunRecord,
} from "../../runner/index.ts";
import { RUN_DEFAULTS, type RunOptions } from "../../runner/options.ts";
import { repositoryRoot, type Project } from "./project.ts";

export interface Ran {
  record: RunRecord;
  events: RunEvent[];
  /** Stage to status, in the order of the graph. */
  statuses: Record<string, string>;
  /** Stage to what the planner said of it. */
  reasons: Record<string, string>;
}

/** Runs the project in this process and collects what it tells. */
export async function runProject(
  project: Project,
  options: Partial<RunOptions> = {},
): Promise<Ran> {
  await judgeAhead(project, options);
  const events: RunEvent[] = [];
  const record = await withDiagnostics(
    run({
      projectRoot: project.root,
      ...options,
      onEvent: (event) => {
        events.push(event);
        options.onEvent?.(event);
      },
    }),
  );
  return { record, events, ...summaryOf(record, events) };
}

const sessions = new WeakMap<Project, LintSession>();

/**
 * As under `steplab watch`, where lint stays open from run to run: the run finds the verdict known. To open the compiler
 * anew after every edit took a sixth of the time of tests that are not about lint. What lint refuses, the run says itself.
 */
async function judgeAhead(project: Project, options: Partial<RunOptions>): Promise<void> {
  const { document, overrides } = { ...RUN_DEFAULTS, ...options };
  if ((await project.read(document).catch(() => "")).includes("://")) return; // with credentials no verdict is kept
  let session = sessions.get(project);
  if (session === undefined) {
    session = project.owned.use(openLint(project.root));
    sessions.set(project, session);
  }
  const open = session;
  const archive = archiveOf(project.root);
  const judging = judge(project.root, document, overrides, archive, undefined, (_, asked) =>
    open.lint(asked),
  );
  await judging.catch(() => undefined);
}

function summaryOf(record: RunRecord, events: RunEvent[]): Pick<Ran, "statuses" | "reasons"> {
  const planned = events.filter((event) => event.type === "stage-planned");
  return {
    statuses: Object.fromEntries(
      Object.entries(record.stages).map(([name, { status }]) => [name, status]),
    ),
    reasons: Object.fromEntries(planned.map(({ stage, reason }) => [stage, reason])),
  };
}

/** A project that does not lint fails its test with what lint says, not only with how many errors there are. */
async function withDiagnostics<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof StepLabError) {
      const errors = error.diagnostics.filter(({ severity }) => severity === "error");
      error.message = [error.message, ...errors.map(renderDiagnostic)].join("\n");
    }
    throw error;
  }
}

/** `-p stage.name=value` for `runProject`. */
export function stageParams(stages: RunOptions["overrides"]["stages"]): Partial<RunOptions> {
  return { overrides: { profile: null, front: {}, stages } };
}

/** The error that keeps a run from beginning; fails the test when there is none. */
export async function errorOf(attempt: Promise<unknown>): Promise<StepLabError> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof StepLabError) return error;
    throw error;
  }
  throw new Error("it went well");
}

export interface Command {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  /** Relative to the project. */
  cwd?: string;
  env?: Record<string, string>;
  /** Another user and group: as root, permissions stop nobody. */
  uid?: number;
}

const COMMAND = join(repositoryRoot, "bin", "steplab.js");

/** A command under way. */
export interface Started {
  process: ChildProcess;
  pid: number;
  /** Resolves when it has ended and its streams are read. */
  done: Promise<Command>;
  /** Resolves with the first line of standard output or error that fits; rejects when the command ends without one. */
  line(fits: (line: string) => boolean): Promise<string>;
}

export function startSteplab(
  project: Project,
  words: readonly string[],
  { cwd = ".", env = {}, uid }: CommandOptions = {},
): Started {
  // What a killed command cannot clean up goes with the project; compiled code stays where all tests find it.
  const temporary = project.path(".tmp");
  mkdirSync(temporary, { recursive: true, mode: 0o777 });
  const child = spawn(process.execPath, [COMMAND, ...words], {
    cwd: project.path(cwd),
    env: {
      ...process.env,
      TMPDIR: temporary,
      NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  const texts = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  let ended = false;
  const wake = (): void => {
    for (const look of waiting) look(); // a Set may lose members while it is walked
  };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
      wake();
    });
  const done = new Promise<Command>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      ended = true;
      resolve({ code, signal, ...texts });
      wake();
    });
  });
  const line: Started["line"] = (fits) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = [texts.stdout, texts.stderr]
          .flatMap((text) => text.split("\n").slice(0, -1))
          .find(fits);
        if (found === undefined && !ended) return;
        waiting.delete(look);
        if (found !== undefined) resolve(found);
        else
          reject(new Error(`the command ended without that line:\n${texts.stdout}${texts.stderr}`));
      };
      waiting.add(look);
      look();
    });
  return { process: child, pid: child.pid ?? 0, done, line };
}

/** Runs the real command to its end. */
export async function steplab(
  project: Project,
  words: readonly string[],
  options: CommandOptions = {},
): Promise<Command> {
  return await startSteplab(project, words, options).done;
}

/** `steplab run --json`, followed: resolves with the first event that fits. */
export async function eventOf<T extends RunEvent["type"]>(
  started: Started,
  type: T,
  fits: (event: Extract<RunEvent, { type: T }>) => boolean = () => true,
): Promise<Extract<RunEvent, { type: T }>> {
  const isIt = (line: string): boolean => {
    if (!line.startsWith("{")) return false;
    const event = JSON.parse(line) as RunEvent; // the command's own output
    return event.type === type && fits(event as Extract<RunEvent, { type: T }>);
  };
  return JSON.parse(await started.line(isIt)) as Extract<RunEvent, { type: T }>; // as above
}

/** The newest run with a record. */
export function lastRecord(project: Project): RunRecord {
  for (const id of listRuns(project.root).toReversed()) {
    const record = readRecord(project.root, id);
    if (record !== null) return record;
  }
  throw new Error("the project has no recorded run");
}

export function folderOf(project: Project, { run: id }: { run: RunId }): string {
  return runFolder(project.root, id);
}

/** A stage's executed notebook, as it lies in the run's folder. */
export function executedNotebook(project: Project, record: RunRecord, stage: string): Notebook {
  const path = record.stages[stage]?.notebook.path;
  if (!path) throw new Error(`stage ${stage} has no executed notebook`);
  const { notebook } = readNotebook(
    readFileSync(join(folderOf(project, record), path), "utf8"),
    path,
  );
  if (notebook === null) throw new Error(`${path} cannot be read`);
  return notebook;
}

/** What an output holds, read from the run's folder as a person would. */
export function outputJson(
  project: Project,
  record: RunRecord,
  stage: string,
  output: string,
): unknown {
  const path = record.stages[stage]?.outputs[output]?.path;
  if (path === undefined) throw new Error(`stage ${stage} has no output ${output}`);
  return JSON.parse(readFileSync(join(folderOf(project, record), path), "utf8"));
}

/** Text of a cell's streams in the executed notebook. */
export function streamText(outputs: readonly Output[]): string {
  return outputs.map((output) => (output.output_type === "stream" ? output.text : "")).join("");
}

/** Every file below a folder, relative, sorted; links are named, not followed. */
export function filesBelow(folder: string): string[] {
  return entriesBelow(folder)
    .filter(({ isFolder }) => !isFolder)
    .map(({ path }) => path)
    .sort();
}

/** Files and folders, relative. Node's own recursive listing follows links: of a project into the whole checkout. */
export function entriesBelow(folder: string, under = ""): { path: string; isFolder: boolean }[] {
  return readdirSync(join(folder, under), { withFileTypes: true }).flatMap((entry) => {
    const path = join(under, entry.name);
    return entry.isDirectory()
      ? [{ path, isFolder: true }, ...entriesBelow(folder, path)]
      : [{ path, isFolder: false }];
  });
}

/** True while a process with this id runs (a zombie has ended). */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== "linux") return true;
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Waits until a process has ended; the test's own timeout is the limit. */
export async function ended(pid: number): Promise<void> {
  while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}

/**
 * Golden runs: `test/golden/<name>/project` goes in, what the real command made of it comes out as files to
 * compare. Ids, times, digests of times, sizes of memory and places are replaced by what stays.
 */
import { cpSync, existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readableJson } from "../../core/json.ts";
import type { RunEvent } from "../../runner/index.ts";
import { makeProject, repositoryRoot } from "./project.ts";
import { folderOf, lastRecord, steplab } from "./run.ts";

export const GOLDEN = join(repositoryRoot, "test", "golden");

export function goldenNames(): string[] {
  return readdirSync(GOLDEN).sort();
}

/** Expected files by name, as they lie in `test/golden/<name>/expected`. */
export function readExpected(name: string): Record<string, string> {
  const folder = join(GOLDEN, name, "expected");
  if (!existsSync(folder)) return {};
  return Object.fromEntries(
    readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]),
  );
}

/** Runs the golden project in a temporary folder, stages one after the other, and returns all there is to compare. */
export async function runGolden(name: string): Promise<Record<string, string>> {
  await using project = await makeProject({});
  cpSync(join(GOLDEN, name, "project"), project.root, { recursive: true });
  const { code, stdout, stderr } = await steplab(project, ["run", "--jobs", "1"]);
  const record = lastRecord(project);
  const folder = folderOf(project, record);
  const text = (path: string): string => readFileSync(join(folder, path), "utf8");
  const files: Record<string, string> = {
    "stdout.txt": `${normalText(stdout)}exit code ${code}\n`,
    "stderr.txt": normalText(stderr),
    "run.json": readableJson(normal(JSON.parse(text("run.json")))),
    "events.txt": `${text("events.jsonl").trimEnd().split("\n").map(eventLine).join("\n")}\n`,
  };
  for (const [stage, { notebook }] of Object.entries(record.stages)) {
    if (notebook.path !== null)
      files[`${stage}.ipynb`] =
        `${JSON.stringify(normal(JSON.parse(text(notebook.path))), null, 1)}\n`;
  }
  return files;
}

/** One line an event: what happened to what, in order. */
function eventLine(line: string): string {
  const event = JSON.parse(line) as RunEvent; // the journal's own
  switch (event.type) {
    case "run-started":
      return `${event.type} ${event.pipeline}`;
    case "source-fetched":
      return `${event.type} ${event.stage}.${event.input} ${JSON.stringify(event.source)}`;
    case "stage-planned":
      return `${event.type} ${event.stage} ${event.decision}: ${event.reason}`;
    case "stage-started":
      return `${event.type} ${event.stage}, ${event.cells} cells`;
    case "cell-started":
      return `${event.type} ${event.stage} ${event.cell.id}: ${event.title}`;
    case "cell-ended":
      return `${event.type} ${event.stage} ${event.cell.id} ${event.status}`;
    case "stage-told":
      return `${event.type} ${event.stage} ${event.fact.fact}`;
    case "stage-logged":
      return `${event.type} ${event.stage} ${event.stream}: ${event.text.trimEnd()}`;
    case "attempt-ended":
      return `${event.type} ${event.stage} ${event.attempt}, ${event.status}: ${event.message}`;
    case "stage-ended":
    case "run-ended":
      return `${event.type} ${"stage" in event ? `${event.stage} ` : ""}${event.status}`;
  }
}

/** Members whose values differ from run to run or machine to machine, and what stands for them. */
const VOLATILE: Record<string, unknown> = {
  at: "<time>",
  bytes: "<bytes>",
  cpuMs: "<number>",
  digest: "<digest>",
  duration: "<number>",
  endedAt: "<time>",
  end_time: "<time>",
  executed: "<digest>",
  executedIn: "<run>",
  key: "<digest>",
  lockfile: "<digest>",
  node: "<version>",
  peakRssBytes: "<number>",
  platform: "<platform>",
  run: "<run>",
  startedAt: "<time>",
  start_time: "<time>",
  steplab: "<version>",
  wallMs: "<number>",
};

/** The same value with volatile members replaced where they hold anything. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value === "string") return normalText(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isVolatile(name, inner) ? VOLATILE[name] : normal(inner),
    ]),
  );
}

/** `steplab` is a format's number, which stays, a version, or a notebook's own metadata. */
function isVolatile(name: string, value: unknown): boolean {
  if (!(name in VOLATILE) || value === null || typeof value === "object") return false;
  return name !== "steplab" || typeof value === "string";
}

function normalText(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT\d{6}Z-[0-9a-f]{4,}/g, "<run>")
    .replaceAll(/ *\b\d+(\.\d)? s\b/g, " <time>")
    .replaceAll(/sha256:[0-9a-f]{64}/g, "<digest>");
}

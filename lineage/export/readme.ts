/** The page that an export begins with, for somebody who has never seen steplab. Pure. */
import type { RunRecord, StageRecord } from "../record.ts";

export function readmeOf(record: RunRecord, paths: readonly string[]): string {
  const { git, environment } = record;
  const lines = [
    `# ${record.pipeline}, run ${record.run}`,
    "",
    `It ${record.status === "succeeded" ? "succeeded" : `ended ${record.status}`} on ${record.endedAt}.`,
    `It was made by steplab ${environment.steplab} with Node ${environment.node} on ${environment.platform}; the seed was ${record.seed}.`,
    git?.commit == null
      ? "No commit was recorded."
      : `The code was commit ${git.commit}${git.tag === null ? "" : ` (${git.tag})`}${git.dirty ? ", with changes that were not committed" : ""}.`,
    "",
    "| stage | status | notebook | outputs |",
    "| --- | --- | --- | --- |",
    ...Object.entries(record.stages).map(([name, stage]) => row(name, stage, new Set(paths))),
    "",
    "- `PIPELINE.md`: the pipeline as it stood",
    "- `run.json`: the record, which ties every output to its code, inputs, parameters, environment and seed",
  ];
  const has = (start: string): boolean => paths.some((path) => path.startsWith(start));
  if (has("events.jsonl")) lines.push("- `events.jsonl`: what happened, as it happened");
  if (has("inputs/")) lines.push("- `inputs/`: what was read from outside, by stage and input");
  if (has("code/")) lines.push("- `code/`: the project's modules that the notebooks import");
  lines.push(
    "",
    "Check every file: `sha256sum -c SHA256SUMS` (macOS: `shasum -a 256 -c SHA256SUMS`)",
    "",
  );
  return lines.join("\n");
}

function row(name: string, stage: StageRecord, paths: ReadonlySet<string>): string {
  const link = (path: string): string => `[${path.split("/").at(-1)}](${encodeURI(path)})`;
  const notebook =
    stage.notebook.path !== null && paths.has(stage.notebook.path) ? link(stage.notebook.path) : "";
  const outputs = Object.values(stage.outputs)
    .filter(({ path }) => paths.has(path) || [...paths].some((each) => each.startsWith(`${path}/`)))
    .map(({ path }) => link(path));
  return `| ${name} | ${stage.status} | ${notebook} | ${outputs.join(", ")} |`;
}

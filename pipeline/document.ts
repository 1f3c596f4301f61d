/**
 * PIPELINE.md read into a `Pipeline`: front matter, then one `##` section a stage with one `yaml stage` block.
 *
 * The form is judged here, by hand over `yaml`'s nodes: every key keeps its place in the markdown, which a schema
 * library would lose (zod reports paths), and a document of 1000 stages is read in well under a second.
 * What needs the notebooks (contracts, parameters' types) is judged in `lint/`.
 */
import type { Diagnostic } from "../core/diagnostic.ts";
import type { Json } from "../core/json.ts";
import { readFrontMatter } from "./document/front-matter.ts";
import { splitMarkdown, type Section } from "./document/markdown.ts";
import { readStageBlock } from "./document/stage-block.ts";
import { DocumentReport } from "./document/yaml-source.ts";
import type { Pipeline, Stage } from "./pipeline.ts";

export interface ReadPipelineOptions {
  /** `--profile`: the front matter's profile whose values override its params. */
  profile?: string;
  /** `-p name=value`: overrides of the front matter's params, by name. */
  params?: Record<string, Json>;
}

export interface PipelineRead {
  /** What could be read, so that lint can go on and show all findings; not to be run when there are errors. */
  pipeline: Pipeline | null;
  diagnostics: Diagnostic[];
}

const STAGE_INFO = "yaml stage";

/** What is said of a document that `steplab init --bare` has just made, so that others know it for that. */
export const NO_STAGE = "The document has no stage: no `##` section.";

/** `file` is the document's name in diagnostics: its path relative to the project root. Codes: `document/…`, `graph/duplicate-name`. */
export function readPipeline(
  text: string,
  file: string,
  options: ReadPipelineOptions = {},
): PipelineRead {
  const report = new DocumentReport(file, text);
  const markdown = splitMarkdown(text);
  const front = readFrontMatter(
    report,
    markdown.frontMatter,
    markdown.frontMatterUnclosed,
    options,
  );
  for (const fence of markdown.preamble)
    if (fence.info === STAGE_INFO)
      report.error(
        "document/stage-block",
        report.place(fence.whole.from, fence.whole.to),
        "This stage block stands before the first `##` heading.",
        "give the stage a section: a `##` heading with the stage's title, its prose, then the block.",
      );
  const stages: Stage[] = [];
  for (const section of markdown.sections) {
    const stage = readSection(report, section, front?.params ?? {});
    if (stage) stages.push(stage);
  }
  if (front && markdown.sections.length === 0)
    report.error(
      "document/stage-block",
      report.place(text.length),
      NO_STAGE,
      "`npx steplab new` lists the kinds of stage, and writes one.",
    );
  const named = withoutDuplicates(report, stages);
  if (!front) return { pipeline: null, diagnostics: report.diagnostics };
  return { pipeline: { ...front, document: file, stages: named }, diagnostics: report.diagnostics };
}

function readSection(
  report: DocumentReport,
  section: Section,
  params: Record<string, Json>,
): Stage | undefined {
  const blocks = section.fences.filter((fence) => fence.info === STAGE_INFO);
  for (const extra of blocks.slice(1))
    report.error(
      "document/stage-block",
      report.place(extra.whole.from, extra.whole.to),
      `Section "${section.title}" has a second stage block.`,
      "give every stage a `##` section of its own.",
    );
  const [block] = blocks;
  if (!block) {
    reportMissingBlock(report, section);
    return undefined;
  }
  if (!block.closed)
    report.error(
      "document/stage-block",
      report.place(block.whole.from, block.whole.to),
      "This stage block has no end: its closing ``` is missing.",
    );
  return readStageBlock(report, section, block, params);
}

/** Only a warning for plain prose, because a document may explain things in sections too; an error where a block was meant. */
function reportMissingBlock(report: DocumentReport, section: Section): void {
  const meant = section.fences.find(
    (fence) => /^ya?ml\b/i.test(fence.info) && /^\s*(name|notebook):/m.test(fence.content.text),
  );
  if (meant)
    return report.error(
      "document/stage-block",
      report.place(meant.whole.from, meant.whole.to),
      `This block is not read as a stage: its info string is "${meant.info}".`,
      "begin it with ```yaml stage",
    );
  report.report(
    "warning",
    "document/stage-block",
    report.place(section.heading.from, section.heading.to),
    `Section "${section.title}" has no stage block, so it is no stage.`,
    "add a ```yaml stage block, or make the heading `#` or `###`.",
  );
}

/** The first of each name; the others are reported and left out, so that no later rule stumbles over them. */
function withoutDuplicates(report: DocumentReport, stages: Stage[]): Stage[] {
  const byName = new Map<string, Stage>();
  for (const stage of stages) {
    const other = byName.get(stage.name);
    const at = stage.places["name"];
    if (!other) byName.set(stage.name, stage);
    else if (at)
      report.error(
        "graph/duplicate-name",
        at,
        `Two stages are called "${stage.name}"; the first is in line ${other.places["name"]?.line ?? "?"}.`,
        "give each stage a name of its own.",
      );
  }
  return [...byName.values()];
}

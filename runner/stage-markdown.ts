import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeFailed } from "../lineage/store/files.ts";
import type { Stage } from "../pipeline/pipeline.ts";

/** A stage's description as it stood, beside its outputs. */
export const STAGE_MARKDOWN = "stage.md";

/** The stage's folder in a run, with its section as it stood in stage.md. @throws StepLabError `archive/…` */
export function writeStageFolder(folder: string, stage: Stage): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, STAGE_MARKDOWN), stageMarkdown(stage));
  } catch (error) {
    throw writeFailed(folder, error);
  }
}

function stageMarkdown(stage: Stage): string {
  return `# ${stage.title}\n\n${stage.description.trim()}\n`;
}

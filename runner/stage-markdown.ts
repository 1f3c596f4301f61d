import type { Stage } from "../pipeline/pipeline.ts";

/** stage.md: the stage's section as it stood, readable beside its notebook. */
export function stageMarkdown(stage: Stage): string {
  return `# ${stage.title}\n\n${stage.description.trim()}\n`;
}

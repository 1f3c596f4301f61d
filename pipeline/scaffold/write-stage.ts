/** Writes what was planned for a new stage. */
import { join } from "node:path";
import { writeFileAtomic } from "../../lineage/store/files.ts";
import type { NewStagePlan } from "./plan-stage.ts";
import { writeNewFile } from "./write-new-file.ts";

/** What is named before what names it: a section without its notebook would not lint. @throws StepLabError `project/in-the-way` */
export function writeStage(
  projectRoot: string,
  { notebook, module, document }: NewStagePlan,
): void {
  if (module !== null) writeNewFile(join(projectRoot, module.path), module.text);
  writeNewFile(join(projectRoot, notebook.path), notebook.text);
  if (document !== null)
    writeFileAtomic(join(projectRoot, document.path), document.text, { durable: true });
}

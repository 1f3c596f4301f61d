/** Lint: the one judge of documents and notebooks, for the runner, the command line, CI, the kernel and JupyterLab. */
import { judgeProject, LintMemory, type LintOptions, type LintResult } from "./judge.ts";

export type { LintOptions, LintResult } from "./judge.ts";
export { openLint, type LintSession, type LintSessionOptions } from "./session.ts";

/** Judges a project once. Throws StepLabErrors for what the outside world did (`types/compiler-failed`), never for what it judges. */
export async function lint(projectRoot: string, options: LintOptions = {}): Promise<LintResult> {
  using memory = new LintMemory();
  return await judgeProject(projectRoot, options, memory);
}

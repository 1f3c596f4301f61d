/** Lint: the one judge of documents and notebooks, for the runner, the command line, CI, the kernel and JupyterLab. */
import { judgeProject, LintMemory, type LintOptions, type LintResult } from "./judge.ts";

export type { LintOptions, LintResult } from "./judge.ts";
export { openLint, type LintSession, type LintSessionOptions } from "./session.ts";

/**
 * Judges a project once. What it finds is data: it throws for what the outside world did, never for what it judges.
 *
 *     const { diagnostics } = await lint("/projects/prices");
 *     const errors = diagnostics.filter(({ severity }) => severity === "error");
 *
 * @throws StepLabError `types/compiler-failed`
 */
export async function lint(projectRoot: string, options: LintOptions = {}): Promise<LintResult> {
  using memory = new LintMemory();
  return await judgeProject(projectRoot, options, memory);
}

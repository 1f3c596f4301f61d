/** Lint for a front end: unsaved texts stand for the files, and notebooks come with the slots that their cells fill. */
import { notebookShape } from "../../pipeline/lint/notebook-shape.ts";
import type { LintSession } from "../../pipeline/lint/session.ts";
import { readTemplates } from "../../pipeline/templates.ts";
import type { Judgement } from "./protocol.ts";

/** @param overlay unsaved texts by path relative to the project */
export async function judgeNotebooks(
  projectRoot: string,
  lint: LintSession,
  overlay: ReadonlyMap<string, string>,
): Promise<Judgement> {
  const { diagnostics, notebooks, pipeline, order } = await lint.lint({
    overlay,
    declare: "saved",
  });
  const { templates } = readTemplates(projectRoot);
  const served = [...notebooks].map(([path, source]) => {
    const stages = order.filter(
      (name) => pipeline?.stages.find((stage) => stage.name === name)?.notebook === path,
    );
    return [path, { ...notebookShape(source, templates), stages }] as const;
  });
  return { diagnostics, notebooks: Object.fromEntries(served) };
}

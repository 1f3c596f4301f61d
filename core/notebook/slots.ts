/** The slots a stage notebook's cells fill, and the tags that say so (DESIGN 3). */

/**
 * In the order of a notebook. A slot is a cell tag: the convention that papermill, nbclient and JupyterLab know.
 * `injected-parameters` is papermill's name too; only executed copies have it.
 */
export const SLOT_NAMES = [
  "description",
  "imports",
  "injected-parameters",
  "parameters",
  "inputs",
  "outputs",
  "checks",
  "scratch",
] as const;

export type SlotName = (typeof SLOT_NAMES)[number];

/** Slots of which a notebook may have several cells whatever its template says. */
export const REPEATABLE_SLOTS: readonly SlotName[] = ["checks", "scratch"];

/** Whether a tag is one of the template's slots, and not a tag of the person's own. */
export function isSlotName(text: string): text is SlotName {
  return (SLOT_NAMES as readonly string[]).includes(text);
}

/** A cell's tags; metadata is anybody's, so anything that is no list of strings is no tag. */
export function tagsOf(metadata: { tags?: unknown }): string[] {
  const tags = metadata.tags;
  return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === "string") : [];
}

/** The slot a cell fills: its first tag that names one, else null, the free body. */
export function slotOf(metadata: { tags?: unknown }): SlotName | null {
  return tagsOf(metadata).find(isSlotName) ?? null;
}

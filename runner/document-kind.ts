/** A run's document is a pipeline, or a single notebook: an exploration (`explore.ts`). */
export function isNotebook(document: string): boolean {
  return document.endsWith(".ipynb");
}

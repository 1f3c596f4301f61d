/** Names for new stages: what one may be called after, and whether a name will do. Pure; the service has the last word. */

/** As PIPELINE.md takes them (`pipeline/document/wire.ts`). */
const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

/** What is wrong with it, in words; "" when it will do. */
export function nameProblem(name: string, taken: readonly string[]): string {
  if (name === "") return "Give it a name.";
  if (!NAME.test(name)) return "A name is a letter, then letters, digits, - and _.";
  return taken.includes(name) ? `There is a stage "${name}" already.` : "";
}

/** `data/till 2025.csv` gives the stage `till-2025`; "" where nothing is left of it. */
export function stageNameOf(file: string): string {
  const base =
    file
      .split("/")
      .at(-1)
      ?.replace(/\.[^.]*$/, "") ?? "";
  const name = base.replaceAll(/[^A-Za-z0-9_-]+/g, "-").replaceAll(/^[^A-Za-z]+|-+$/g, "");
  return NAME.test(name) ? name : "";
}

/** Whether a name will do for a new stage. Pure; the service has the last word. */

/** As PIPELINE.md takes them (`pipeline/document/wire.ts`). */
const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

/** What is wrong with it, in words; "" when it will do. */
export function nameProblem(name: string, taken: readonly string[]): string {
  if (name === "") return "Give it a name.";
  if (!NAME.test(name)) return "A name is a letter, then letters, digits, - and _.";
  return taken.includes(name) ? `There is a stage "${name}" already.` : "";
}

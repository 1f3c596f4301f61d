/**
 * What `--json` prints: one document on standard output, indented. `T` is the type of the command's schema
 * (`cli/schemas/`) and must be named, so that what is printed and what is published cannot part.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- it is there to be named by the caller
export function printJson<T = never>(value: NoInfer<T>): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

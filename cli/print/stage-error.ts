/** What ended a stage, in lines: its message once, then where it happened and what was behind it. */
import type { StageRecord } from "../../lineage/record.ts";

type StageError = NonNullable<StageRecord["error"]>;

/** Names that tell nothing a reader could use. */
const PLAIN = new Set(["Error", "StepLabError", "ChecksFailed"]);

/** A name that tells something stands before the message: `TypeError: x is not a function`. */
export function messageLines(error: StageError): string[] {
  const [head] = error.traceback;
  const isNamed = head === titleOf(error) && !PLAIN.has(error.name);
  return (isNamed ? head : error.message).split("\n");
}

/** Without the message, which `messageLines` gives. */
export function tracebackLines(error: StageError): string[] {
  const [head, ...rest] = error.traceback;
  const lines = head === titleOf(error) ? rest : error.traceback;
  return lines.flatMap((line) => line.split("\n"));
}

/** As the kernel begins a traceback. */
function titleOf({ name, message }: StageError): string {
  return `${name}: ${message}`;
}

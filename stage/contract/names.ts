import { DECLARED_NAME } from "../../core/contract.ts";
import { StepLabError } from "../../core/error.ts";

/** @throws StepLabError `contract/invalid-name` for the first name that PIPELINE.md and the archive could not hold. */
export function demandNames(what: "parameter" | "input" | "output", declared: object): void {
  const wrong = Object.keys(declared).find((name) => !DECLARED_NAME.test(name));
  if (wrong === undefined) return;
  throw new StepLabError(
    "contract/invalid-name",
    `${JSON.stringify(wrong)} cannot be the name of ${what === "parameter" ? "a" : "an"} ${what}.`,
    { hint: "Use letters, digits, _ and $, not beginning with a digit." },
  );
}

/** Secrets: named in a notebook, never written in one. */
import { StepLabError } from "../core/error.ts";

/**
 * The value of an environment variable that must not be shown: `secret("WAREHOUSE_PASSWORD")`.
 *
 * @throws StepLabError `secret/missing`
 */
export function secret(name: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== "") return value;
  throw new StepLabError("secret/missing", `The secret ${name} is not set.`, {
    hint: `Set the environment variable ${name} where the run is started; never write its value into a notebook.`,
  });
}

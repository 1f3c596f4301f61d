/** Secrets: named in a notebook, never written in one, and kept out of all that leaves the kernel. */
import { SHORTEST_SECRET } from "../core/redact.ts";
import { StepLabError } from "../core/error.ts";
import { guardSecret } from "./guard.ts";
import { currentSession } from "./session.ts";

/**
 * The value of an environment variable that must not be shown: `secret("WAREHOUSE_PASSWORD")`.
 *
 * From here on `[secret WAREHOUSE_PASSWORD]` stands in its place in outputs, errors, notes, checks and logs, and an
 * output that contains it fails its stage. That holds for the value as it is and in the forms that printing gives it
 * (JSON, addresses, HTML, base64), not for one that the code itself cuts up or encrypts.
 *
 * @throws StepLabError `secret/missing`, `secret/too-short` (under 6 characters: it would be found everywhere by chance)
 */
export function secret(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "")
    throw new StepLabError("secret/missing", `The secret ${name} is not set.`, {
      hint: `Set the environment variable ${name} where the run is started; never write its value into a notebook.`,
    });
  if (value.trim().length < SHORTEST_SECRET)
    throw new StepLabError(
      "secret/too-short",
      `The secret ${name} has fewer than ${SHORTEST_SECRET} characters, so it cannot be kept out of what is shown.`,
      { hint: "Use a longer one; what is no secret is a parameter." },
    );
  const session = currentSession();
  session.host?.protect(name, value);
  guardSecret(session, name, value);
  session.emit({ fact: "secret", name });
  return value;
}

/** An artifact is for ever and for everybody: one that contains a secret must not come to be. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { StepLabError } from "../core/error.ts";
import { Redactor } from "../core/redact.ts";
import type { Session } from "./session.ts";

interface Guarded {
  redactor: Redactor;
  /** What has been looked at with all secrets known so far. */
  clean: Set<string>;
}

const guards = new WeakMap<Session, Guarded>();

/** From here on, whatever the session stages is searched for the value before its cell ends. */
export function guardSecret(session: Session, name: string, value: string): void {
  const known = guards.get(session);
  const guarded: Guarded = known ?? { redactor: new Redactor(), clean: new Set() };
  guarded.redactor.add(name, value);
  guarded.clean.clear(); // written before the secret was read, it may hold it all the same
  if (known !== undefined) return;
  guards.set(session, guarded);
  session.guard = () => refuseStaged(session, guarded);
}

async function refuseStaged(session: Session, { redactor, clean }: Guarded): Promise<void> {
  const { secretIn } = await import("./artifact/secret-in.ts"); // few stages read secrets
  for (const { subject, staged } of session.staged) {
    if (clean.has(staged)) continue;
    const path = join(session.staging, staged);
    const found = await secretIn(path, redactor.forms);
    if (found === null) {
      clean.add(staged);
      continue;
    }
    rmSync(path, { recursive: true, force: true });
    throw new StepLabError(
      "secret/in-output",
      `${subject} contains the secret ${found}; it was not kept.`,
      {
        hint: "Leave the value out of what is written: artifacts are kept for ever and read by others.",
      },
    );
  }
}

/**
 * The members that every reader of a record relies on: a damaged record must be told, not fall over where it is used.
 * By hand and not by `record-schema.ts`, which is exact and would load a schema library into every command.
 */
import { isJsonObject } from "../../core/json.ts";

type Form = "text" | "number" | "list" | "members" | "objects" | "text or null" | "object or null";

const RECORD: Record<string, Form> = {
  run: "text",
  pipeline: "text",
  status: "text",
  startedAt: "text",
  endedAt: "text",
  git: "object or null",
  environment: "members",
  stages: "objects",
};

const STAGE: Record<string, Form> = {
  index: "number",
  status: "text",
  executedIn: "text or null",
  template: "text",
  params: "members",
  notebook: "members",
  inputs: "objects",
  outputs: "objects",
  checks: "list",
  metrics: "objects",
  notes: "list",
  attempts: "list",
  cells: "list",
  error: "object or null",
};

/** `stages.make.metrics`, the first member that is missing or of another form; null when all are there. */
export function missingMember(record: Record<string, unknown>): string | null {
  const missing = missingOf(record, RECORD, "");
  if (missing !== null) return missing;
  for (const [name, stage] of Object.entries(record["stages"] as Record<string, object>)) {
    // looked at just now: "objects"
    const found = missingOf({ ...stage }, STAGE, `stages.${name}.`);
    if (found !== null) return found;
  }
  return null;
}

function missingOf(
  value: Record<string, unknown>,
  forms: Record<string, Form>,
  path: string,
): string | null {
  const name = Object.keys(forms).find((each) => !hasForm(value[each], forms[each]));
  return name === undefined ? null : path + name;
}

function hasForm(value: unknown, form: Form | undefined): boolean {
  switch (form) {
    case "text":
      return typeof value === "string";
    case "text or null":
      return value === null || typeof value === "string";
    case "number":
      return typeof value === "number";
    case "list":
      return Array.isArray(value) && value.every(isJsonObject);
    case "members":
      return isJsonObject(value);
    case "objects":
      return isJsonObject(value) && Object.values(value).every(isJsonObject);
    case "object or null":
      return value === null || isJsonObject(value);
    case undefined:
      return true;
  }
}

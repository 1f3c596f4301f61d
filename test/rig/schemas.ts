/** Every schema that is published, by the name of its file in docs/schemas/. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { readableJson } from "../../core/json.ts";
import { STEPLAB_ROOT } from "../../core/own-sources.ts";
import { EventSchema } from "../../lineage/event-schema.ts";
import { RecordSchema, StageSchema } from "../../lineage/record-schema.ts";

export const SCHEMAS_FOLDER = join(STEPLAB_ROOT, "docs", "schemas");

/** What the archive holds, and what each command prints: one file of `cli/schemas/` each. */
export async function publishedSchemas(): Promise<Record<string, z.ZodType>> {
  const schemas: Record<string, z.ZodType> = {
    run: RecordSchema,
    stage: StageSchema,
    event: EventSchema,
  };
  const folder = join(STEPLAB_ROOT, "cli", "schemas");
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .sort()) {
    const { schema } = (await import(join(folder, file))) as { schema: z.ZodType }; // each file exports one
    schemas[basename(file, ".ts")] = schema;
  }
  return schemas;
}

/** As it is published: what is not named is allowed, so that a member can be added without breaking readers. */
export function jsonSchema(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { target: "draft-2020-12", io: "input" });
}

/** As the tests want it: what is printed and not named is a mistake. */
export function closedJsonSchema(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { target: "draft-2020-12", io: "output" });
}

export function publishedText(schema: z.ZodType): string {
  return readableJson(jsonSchema(schema));
}

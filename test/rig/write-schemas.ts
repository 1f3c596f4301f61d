/** Writes the published schemas down: `node test/rig/write-schemas.ts`, after a change of the record's form. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readableJson } from "../../core/json.ts";
import { STEPLAB_ROOT } from "../../core/own-sources.ts";
import { recordJsonSchema } from "../../lineage/record-schema.ts";

const folder = join(STEPLAB_ROOT, "docs", "schemas");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "run.schema.json"), readableJson(recordJsonSchema()));

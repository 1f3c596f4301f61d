/** Writes the published schemas down: `node test/rig/write-schemas.ts`, after a change of a form. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publishedSchemas, publishedText, SCHEMAS_FOLDER } from "./schemas.ts";

rmSync(SCHEMAS_FOLDER, { recursive: true, force: true });
mkdirSync(SCHEMAS_FOLDER, { recursive: true });
for (const [name, schema] of Object.entries(await publishedSchemas()))
  writeFileSync(join(SCHEMAS_FOLDER, `${name}.schema.json`), publishedText(schema));

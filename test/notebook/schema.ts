/** The official nbformat schemas, where they lie beside the repository; they are not ours to ship. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ajv from "ajv-draft-04";
import { findStructureFaults } from "../../core/notebook/structure.ts";

const FOLDER = new URL("../../../shared/data/schemas/nbformat/", import.meta.url);

/** Says what is wrong with a notebook's JSON by the official schema of its version, else by our own structure rules. */
export function schemaFaults(value: unknown, minor = 5): string[] {
  const file = new URL(`nbformat.v4.${minor}.schema.json`, FOLDER);
  if (!existsSync(fileURLToPath(file)))
    return findStructureFaults(value).map(({ member, message }) => `${member} ${message}`);
  const validate = new ajv.default({ strict: false }).compile(
    JSON.parse(readFileSync(file, "utf8")) as object,
  );
  return validate(value)
    ? []
    : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

/** What a program that trusts the published schemas would stumble over. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { closedJsonSchema, jsonSchema, publishedSchemas } from "./schemas.ts";

const schemas = await publishedSchemas();
const checks = new Map<string, ValidateFunction[]>();

/** Both as published and closed: nothing is printed that the schema does not name. */
export function faultsOf(name: string, value: unknown): string[] {
  const schema = schemas[name];
  if (schema === undefined) return [`there is no cli/schemas/${name}.ts`];
  const both = checks.get(name) ?? [jsonSchema, closedJsonSchema].map((of) => compile(of(schema)));
  checks.set(name, both);
  return both.flatMap((check) => (check(value) ? [] : [JSON.stringify(check.errors)]));
}

/** Each in a scope of its own: their definitions carry the same names. */
function compile(schema: object): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  return ajv.compile(schema);
}

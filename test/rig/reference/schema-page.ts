/** Pages of what is written and printed as JSON, made of the published schemas: one row a member. */
import { jsonSchema, publishedSchemas } from "../schemas.ts";

/** The members of JSON Schema that ours use. */
interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  title?: string;
  description?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
}

/** A form that takes more than a few rows, by the length of its schema. */
const LONG = 300;

/** What the archive holds has a page of its own; the others are printed by commands. */
const RECORD = new Set(["run", "stage", "event"]);

export async function schemaPages(): Promise<Record<string, string>> {
  const all = await publishedSchemas();
  const schemas = Object.fromEntries(
    Object.entries(all).map(([name, schema]) => [name, jsonSchema(schema) as Schema]), // zod's own writing of it
  );
  const printed = Object.keys(schemas).filter((name) => !RECORD.has(name));
  return {
    "record.md": `# What stands in a run's record and journal?

\`run.json\` is the record of a run, written last; \`steplab show <run> --json\` prints it. \`events.jsonl\` is its journal, one event a line, as
\`steplab run --json\` prints them. Members may be added; what is here keeps its name and meaning. The task: [What does a run leave?](../archive.md)

${section("run", schemas["run"] ?? {}, "run.json", ["Stage"])}
${section("stage", schemas["stage"] ?? {}, "A stage in run.json")}
${section("event", schemas["event"] ?? {}, "An event")}`,
    "json.md": `# What does --json print?

One JSON document on standard output; of \`steplab run\` one [event](record.md#event) a line, and of \`steplab show\` the
[record](record.md#run) itself. Progress and messages stay on standard error.

${printed.map((name) => section(name, schemas[name] ?? {}, schemas[name]?.title ?? name)).join("\n")}`,
  };
}

/** `apart`: definitions that have a section of their own. */
function section(name: string, schema: Schema, title: string, apart: string[] = []): string {
  const rows: string[] = [];
  const defs = schema.$defs ?? {};
  const seen = new Set(apart);
  const forms = new Map<string, string>(); // what was described, and where: the same again is only named
  describe(schema, "", true);
  return `## ${name}

${title === name ? "" : `${title}. `}${schema.description === undefined ? "" : `${schema.description} `}Schema: [${name}.schema.json](../schemas/${name}.schema.json)

| member | type | |
| --- | --- | --- |
${rows.join("\n")}
`;

  function describe(given: Schema, path: string, required: boolean): void {
    const { schema: at, name: named } = resolve(given);
    const description = given.description ?? at.description ?? "";
    const repeated = named !== null && seen.has(named);
    if (named !== null) seen.add(named);
    if (path !== "" && !(path.endsWith("[]") && description === ""))
      rows.push(
        `| \`${path}\`${required ? "" : " (may be absent)"} | ${cell(typeOf(at, defs))} | ${cell(description)} |`,
      );
    if (repeated) return;
    const form = JSON.stringify({ ...at, description: undefined });
    const before = forms.get(form);
    if (before !== undefined && path !== "")
      return void rows.push(`| \`${path}…\` | as \`${before}\` | |`);
    if (form.length > LONG && typeOf(at, {}).includes("object")) forms.set(form, path);
    for (const branch of at.anyOf ?? at.oneOf ?? at.allOf ?? [])
      members(resolve(branch).schema, path);
    members(at, path);
  }

  function members(at: Schema, path: string): void {
    if (at.items !== undefined) inside(at.items, `${path}[]`);
    if (typeof at.additionalProperties === "object" && at.properties === undefined)
      inside(at.additionalProperties, `${path}.*`);
    for (const [member, value] of Object.entries(at.properties ?? {}))
      describe(
        value,
        path === "" ? member : `${path}.${member}`,
        at.required?.includes(member) ?? false,
      );
  }

  /** What an array or a map holds: a row only where it says something that its own row does not. */
  function inside(given: Schema, path: string): void {
    const at = resolve(given).schema;
    if ((given.description ?? at.description) !== undefined || given.$ref !== undefined)
      return describe(given, path.replace(/^\./, ""), true);
    for (const branch of at.anyOf ?? at.oneOf ?? at.allOf ?? [])
      members(resolve(branch).schema, path);
    members(at, path);
  }

  function resolve(given: Schema): { schema: Schema; name: string | null } {
    const named = given.$ref?.replace("#/$defs/", "");
    if (named === undefined) return { schema: given, name: null };
    return isAnyJson(named)
      ? { schema: {}, name: null }
      : { schema: defs[named] ?? {}, name: named };
  }
}

function typeOf(schema: Schema, defs: Record<string, Schema>): string {
  const named = schema.$ref?.replace("#/$defs/", "");
  if (named !== undefined && isAnyJson(named)) return "any JSON";
  const target = named === undefined ? schema : (defs[named] ?? {});
  const branches = target.anyOf ?? target.oneOf ?? target.allOf;
  if (branches !== undefined)
    return [...new Set(branches.map((branch) => typeOf(branch, defs)))].join(" or ");
  if (target.const !== undefined) return `\`${JSON.stringify(target.const)}\``;
  if (target.enum !== undefined)
    return target.enum.map((each) => `\`${JSON.stringify(each)}\``).join(", ");
  if (target.type === "array") return `array of ${typeOf(target.items ?? {}, defs)}`;
  if (target.type === "object" && target.properties !== undefined) return "object";
  if (target.type === "object" && typeof target.additionalProperties === "object")
    return `object by name, each ${typeOf(target.additionalProperties, defs)}`;
  return [target.type ?? "any JSON"].flat().join(" or ");
}

/** zod names a definition only where it must, for one that holds itself: of ours that is JSON alone. */
function isAnyJson(definition: string): boolean {
  return definition.startsWith("__schema");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

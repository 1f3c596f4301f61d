/** One `yaml stage` block as a `Stage`: every default filled, every `$name` resolved. */
import { posix } from "node:path";
import type { Place } from "../../core/diagnostic.ts";
import { didYouMean } from "../../core/did-you-mean.ts";
import type { Json } from "../../core/json.ts";
import type { Stage, Wire } from "../pipeline.ts";
import { STAGE_KEYS } from "./keys.ts";
import { proseWithout, type Fence, type Section } from "./markdown.ts";
import { parseBytes, parseDuration } from "./units.ts";
import { NAME, parseWire } from "./wire.ts";
import { YamlFields, type DocumentReport } from "./yaml-source.ts";

const KEYS = Object.keys(STAGE_KEYS);
const RESOURCE_KEYS = ["cpus", "memory", "gpus"];

/** Undefined when it has no usable name or notebook; what is wrong is reported, and all of it. */
export function readStageBlock(
  report: DocumentReport,
  section: Section,
  fence: Fence,
  params: Record<string, Json>,
): Stage | undefined {
  const fields = YamlFields.parse(report, fence.content, "The stage block");
  if (!fields) return undefined;
  fields.onlyKnown(KEYS);
  const resolve = new ParamReferences(report, params);
  const places: Record<string, Place> = {};
  for (const key of fields.keys) places[key] = fields.place(key);
  const name = required(report, fields, "name", "`process`");
  if (name !== undefined && !NAME.test(name))
    fields.wrong("name", "must be letters, digits, - and _, beginning with a letter");
  const notebook = required(report, fields, "notebook", "`notebooks/3-process.ipynb`");
  if (notebook !== undefined && !notebook.endsWith(".ipynb"))
    fields.wrong("notebook", "must be a notebook's path, ending in .ipynb");
  const stage = {
    title: section.title,
    description: proseWithout(section, fence),
    inputs: readInputs(fields, places, resolve),
    params: readStageParams(fields, places, resolve),
    after: fields.strings("after", "[report]") ?? [],
    timeoutMs: readTimeout(fields),
    retries: fields.wholeNumber("retries", 0) ?? 0,
    resources: readResources(fields),
    cache: fields.boolean("cache") ?? true,
    places,
  };
  if (name === undefined || !NAME.test(name) || notebook === undefined) return undefined;
  return { name, notebook: posix.normalize(notebook), ...stage }; // one name for one notebook
}

function required(
  report: DocumentReport,
  fields: YamlFields,
  key: string,
  example: string,
): string | undefined {
  if (!fields.has(key))
    report.error(
      "document/missing-key",
      fields.place(),
      `This stage has no "${key}".`,
      `add a line like \`${key}: ${example.slice(1, -1)}\`.`,
    );
  return fields.string(key, example);
}

function readInputs(
  fields: YamlFields,
  places: Record<string, Place>,
  resolve: ParamReferences,
): Record<string, Wire> {
  const inputs: [string, Wire][] = [];
  const wires = fields.fields("inputs", "{ listings: validate.listings }");
  for (const key of wires?.keys ?? []) {
    const at = wires?.place(key);
    if (!wires || !at) continue;
    places[`inputs.${key}`] = at;
    const written = wires.json(key);
    if (written === undefined) continue;
    const value = resolve.value(written, at);
    const wire = typeof value === "string" ? parseWire(value) : undefined;
    if (wire) inputs.push([key, wire]);
    else if (value !== undefined)
      wires.wrong(
        key,
        "must say where it comes from: stage.output, a path, a pattern, an http(s) address or run:<id>/stage.output",
      );
  }
  return Object.fromEntries(inputs);
}

function readStageParams(
  fields: YamlFields,
  places: Record<string, Place>,
  resolve: ParamReferences,
): Record<string, Json> {
  const params: [string, Json][] = [];
  const written = fields.fields("params", "{ minPrice: $minPrice }");
  for (const key of written?.keys ?? []) {
    const at = written?.place(key);
    const value = written?.json(key);
    if (!at || value === undefined) continue;
    places[`params.${key}`] = at;
    const resolved = resolve.value(value, at);
    if (resolved !== undefined) params.push([key, resolved]);
  }
  return Object.fromEntries(params);
}

function readTimeout(fields: YamlFields): number | null {
  const value = fields.json("timeout");
  if (value === undefined || value === null) return null;
  const timeoutMs = typeof value === "string" ? parseDuration(value) : undefined;
  if (timeoutMs === undefined)
    fields.wrong("timeout", "must be a duration, like 90s, 10m or 1h30m");
  return timeoutMs ?? null;
}

function readResources(fields: YamlFields): Stage["resources"] {
  const resources = fields.fields("resources", "{ cpus: 1, memory: 2GiB }");
  resources?.onlyKnown(RESOURCE_KEYS);
  const memory = resources?.json("memory") ?? null;
  const memoryBytes = typeof memory === "string" ? (parseBytes(memory) ?? null) : null;
  if (memory !== null && memoryBytes === null)
    resources?.wrong("memory", "must be a size, like 512MiB or 2GiB");
  return {
    cpus: resources?.wholeNumber("cpus", 1) ?? 1,
    memoryBytes,
    gpus: resources?.wholeNumber("gpus", 0) ?? 0,
  };
}

/** Puts the front matter's values in the place of `$name`, at any depth; `$$name` is the text "$name". */
class ParamReferences {
  readonly #report: DocumentReport;
  readonly #params: Record<string, Json>;

  constructor(report: DocumentReport, params: Record<string, Json>) {
    this.#report = report;
    this.#params = params;
  }

  /** Undefined when a name inside is unknown; that is reported. */
  value(value: Json, at: Place): Json | undefined {
    if (typeof value === "string") return this.#text(value, at);
    if (Array.isArray(value)) {
      const items = value.map((item) => this.value(item, at));
      return items.every((item) => item !== undefined) ? items : undefined;
    }
    if (value === null || typeof value !== "object") return value;
    const members: [string, Json][] = [];
    let complete = true;
    for (const [key, member] of Object.entries(value)) {
      const resolved = this.value(member, at);
      if (resolved === undefined) complete = false;
      else members.push([key, resolved]);
    }
    return complete ? Object.fromEntries(members) : undefined;
  }

  #text(text: string, at: Place): Json | undefined {
    if (text.startsWith("$$")) return text.slice(1);
    const name = /^\$([A-Za-z_][\w-]*)$/.exec(text)?.[1];
    if (name === undefined) return text;
    const value = Object.hasOwn(this.#params, name) ? this.#params[name] : undefined;
    if (value === undefined)
      this.#report.error(
        "document/unknown-parameter",
        at,
        `The front matter has no parameter "${name}", which \`$${name}\` stands for.`,
        didYouMean(name, Object.keys(this.#params)) ?? "add it under `params` in the front matter.",
      );
    return value;
  }
}

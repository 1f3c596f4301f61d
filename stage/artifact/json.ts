/** `a.json(schema)`: one value of a schema, as readable JSON. */
import { readFileSync, writeFileSync } from "node:fs";
import type { z } from "zod";
import type { Port } from "../../core/contract.ts";
import { decodeShape, encodeShape, type Problem } from "../../core/decode.ts";
import { messageOf, StepLabError } from "../../core/error.ts";
import { readableJson, type Json } from "../../core/json.ts";
import type { Shape } from "../../core/shape.ts";
import { bindingOf } from "../bind.ts";
import type { InputKind, OutputKind } from "../contract/ports.ts";
import { shapeOf } from "../contract/shape-of.ts";
import { publish, type Published } from "../publish.ts";

/** What a stage reads of an input declared with `a.json(schema)`. */
export interface JsonInput<T> {
  /** The value, typed and checked: dates are Dates again, bigints bigints. */
  read(): Promise<T>;
}

/** What an output declared with `a.json(schema)` takes. */
export interface JsonOutput<T> {
  /** Checks the value against the schema, then writes it with sorted keys. */
  write(value: T | JsonInput<T>): Promise<void>;
}

export interface JsonKind<S extends z.core.$ZodType>
  extends InputKind<JsonInput<z.infer<S>>>, OutputKind<JsonOutput<z.infer<S>>> {
  readonly schema: S;
  from(reference: string): JsonKind<S>;
}

/** See `a.json`. */
export function jsonKind<S extends z.core.$ZodType>(schema: S, from?: string): JsonKind<S> {
  const shape = shapeOf(schema);
  const port: Port = { kind: "json", shape, ...(from !== undefined && { from }) };
  return {
    schema,
    port,
    from: (reference) => jsonKind(schema, reference),
    input: (name) => new BoundJson(name, port, schema, shape),
    output: (name) => ({
      write: (value) => publish(name, (place) => writeJson(value, name, schema, shape, place)),
    }),
  };
}

class BoundJson<S extends z.core.$ZodType> implements JsonInput<z.infer<S>> {
  readonly #name: string;
  readonly #port: Port;
  readonly #schema: S;
  readonly #shape: Shape;

  constructor(name: string, port: Port, schema: S, shape: Shape) {
    this.#name = name;
    this.#port = port;
    this.#schema = schema;
    this.#shape = shape;
  }

  async read(): Promise<z.infer<S>> {
    const { path } = await bindingOf(this.#name, this.#port);
    const subject = `Input "${this.#name}"`;
    return typed(parse(readFileSync(path, "utf8"), subject), this.#schema, this.#shape, subject);
  }

  /** The stored artifact: what `write` passes on. */
  async digest(): Promise<Published["digest"]> {
    return (await bindingOf(this.#name, this.#port)).digest;
  }
}

async function writeJson<S extends z.core.$ZodType>(
  value: z.infer<S> | JsonInput<z.infer<S>>,
  name: string,
  schema: S,
  shape: Shape,
  place: (extension: string) => { path: string; staged: string },
): Promise<Published> {
  const subject = `Output "${name}"`;
  const common = {
    kind: "json",
    mediaType: "application/json",
    schema: shape as unknown as Json,
  } as const; // a shape is plain JSON
  const given: unknown = value instanceof BoundJson ? await value.read() : value;
  const judged = classic(schema).safeParse(given);
  if (!judged.success) throw invalid(subject, judged.error.issues.map(problemOf));
  const text = readableJson(encodeShape(shape, judged.data));
  const summary = { bytes: Buffer.byteLength(text) };
  if (value instanceof BoundJson) {
    const digest = await value.digest();
    return { ...common, ...(digest && { digest }), summary };
  }
  const { path, staged } = place(".json");
  writeFileSync(path, text);
  return { ...common, staged, summary };
}

function parse(text: string, subject: string): unknown {
  try {
    return JSON.parse(text) as unknown; // judged by the caller
  } catch (cause) {
    throw new StepLabError("json/invalid", `${subject} is not JSON: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function typed<S extends z.core.$ZodType>(
  json: unknown,
  schema: S,
  shape: Shape,
  subject: string,
): z.infer<S> {
  const decoded = decodeShape(shape, json, { from: "json" });
  if (!decoded.ok) throw invalid(subject, decoded.problems);
  const judged = classic(schema).safeParse(decoded.value);
  if (!judged.success) throw invalid(subject, judged.error.issues.map(problemOf));
  return judged.data as z.infer<S>; // zod's output of this schema
}

/** Notebooks import classic zod only. Their schemas are typed by zod's core, as in `parameters`: the compiler's sake. */
function classic(schema: z.core.$ZodType): z.ZodType {
  return schema as z.ZodType;
}

function problemOf(issue: z.core.$ZodIssue): Problem {
  return { path: issue.path.map(String).join("."), message: `${issue.message}.` };
}

function invalid(subject: string, problems: readonly Problem[]): StepLabError {
  const lines = problems.map(
    ({ path, message }) => `${path === "" ? "the value" : path}: ${message}`,
  );
  return new StepLabError(
    "json/invalid",
    `${subject} does not fit its schema: ${lines.join("\n")}`,
  );
}

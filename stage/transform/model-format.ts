/** What model.json and bundle.json hold, judged when they are read. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isDigest, type Digest } from "../../core/digest.ts";
import { messageOf, StepLabError } from "../../core/error.ts";
import type { Json } from "../../core/json.ts";
import type { Columns, Shape } from "../../core/shape.ts";

const DigestText = z.custom<Digest>(isDigest, "not a digest");
const JsonValue: z.ZodType<Json> = z.json();
/** Our own data, written by shapeOf; what matters of it is compared where a model is loaded. */
const ColumnShapes: z.ZodType<Columns> = z.record(z.string(), z.custom<Shape>(isShape, "no shape"));
const Rows = z.array(z.record(z.string(), JsonValue));

export const ModelFile = z.object({
  /** Version of this format. */
  steplab: z.literal("model/1"),
  use: z.string(),
  notFor: z.string().nullable(),
  signature: z.object({ input: ColumnShapes, output: ColumnShapes }),
  steps: z.array(
    z.object({
      transformer: z.string(),
      module: z.string(),
      code: DigestText,
      /** Encoded like the state: dates and the like survive. */
      params: JsonValue,
      state: JsonValue,
    }),
  ),
  /** A few rows of the input and what the model answered: a reader sees what it does, a loader can ask again. */
  example: z.object({ input: Rows, output: Rows }),
  /** Installed when the model was written: name to version. */
  packages: z.record(z.string(), z.string()),
});
export type ModelFile = z.infer<typeof ModelFile>;

export const BundleFile = z.object({
  steplab: z.literal("bundle/1"),
  /** Every compiled module: where it stood in the project, where it lies here, and the digest of its bytes here. */
  modules: z.array(z.object({ module: z.string(), file: z.string(), digest: DigestText })),
  /** The modules that hold transformers: the digest of their code as the project had it, which model.json names too. */
  entries: z.record(z.string(), DigestText),
  packages: z.record(z.string(), z.string()),
});
export type BundleFile = z.infer<typeof BundleFile>;

/** @throws StepLabError `model/damaged` */
export function readModelFile(folder: string): ModelFile {
  return readJson(folder, "model.json", ModelFile);
}

/** @throws StepLabError `model/damaged` */
export function readBundleFile(folder: string): BundleFile {
  return readJson(folder, "bundle.json", BundleFile);
}

function readJson<T>(folder: string, name: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(join(folder, name), "utf8"));
  } catch (error) {
    throw new StepLabError(
      "model/damaged",
      `"${name}" of a model cannot be read: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new StepLabError(
    "model/damaged",
    `"${name}" of a model is not what steplab writes: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unknown form"}.`,
    { hint: "Another version of steplab may have written it, or the file was edited." },
  );
}

function isShape(value: unknown): boolean {
  return typeof value === "object" && value !== null && "type" in value;
}

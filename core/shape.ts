/**
 * The shape of a value as plain data: what a zod schema says, without zod.
 *
 * Contracts are made of shapes, so that lint, the runner, the record and (later) the scoring server
 * can judge and decode values without running user code. The one place that turns a zod schema into
 * a shape is `stage/contract/shape-of.ts`; the one decoder is `decodeShape` in `core/decode.ts`.
 */
import type { Json } from "./json.ts";

/** What every shape may carry besides its type. */
export interface ShapeNotes {
  /** `null` is a legal value. */
  nullable?: true;
  /** The key may be left out (object fields only). */
  optional?: true;
  /** The value taken when none is given; its presence makes a parameter optional. Encoded as JSON. */
  default?: Json;
  description?: string;
  /** True when zod holds rules (`refine`, `check`, transforms) that data cannot express: zod has the last word. */
  refined?: true;
}

/** Bounds are inclusive unless `exclusive…` says so. */
export interface NumberBounds {
  min?: number;
  max?: number;
  exclusiveMin?: true;
  exclusiveMax?: true;
  multipleOf?: number;
}

export type Shape = ShapeNotes &
  (
    | ({ type: "int" } & NumberBounds) // z.int(): a safe integer, INT64 in Parquet
    | ({ type: "number" } & NumberBounds) // z.number(): DOUBLE
    | { type: "bigint" } // z.bigint(): INT64, encoded in JSON as a decimal string
    | { type: "string"; minLength?: number; maxLength?: number; pattern?: string; format?: string }
    | { type: "boolean" }
    | { type: "timestamp"; min?: string; max?: string } // z.date(): TIMESTAMP ms UTC, ISO 8601 in JSON
    | { type: "date" } // z.iso.date(): DATE, "YYYY-MM-DD" everywhere
    | { type: "enum"; values: string[] } // z.enum: UTF8
    | { type: "literal"; value: string | number | boolean | null }
    | { type: "object"; fields: Record<string, Shape> } // unknown keys are errors in parameters
    | { type: "array"; of: Shape; minLength?: number; maxLength?: number }
    | { type: "tuple"; of: Shape[] }
    | { type: "record"; of: Shape }
    | { type: "union"; of: Shape[] }
    | { type: "unknown"; why: string } // nothing more is known: only zod can judge it
  );

/** Columns of a table in the order of the schema; nested shapes are not columns. */
export type Columns = Record<string, Shape>;

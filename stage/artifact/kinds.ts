/** The kinds of artifact a stage may declare; under one letter, so that they never collide with a notebook's own `table` or `model`. */
import { fileKind, type FileKind, type FileOptions } from "./file.ts";
import { folderKind, type FolderKind, type FolderOptions } from "./folder.ts";
import { jsonKind } from "./json.ts";
import { metricKind } from "./metric.ts";
import { modelKind } from "./model.ts";
import { tableKind } from "./table-kind.ts";
import type { z } from "zod";
import type { JsonKind } from "./json.ts";
import type { MetricKind, MetricOptions } from "./metric.ts";
import type { ModelKind, Signature } from "./model.ts";
import type { TableKind } from "./table-kind.ts";

/**
 * The kinds of artifact that `inputs` and `outputs` declare.
 *
 *     const output = outputs({
 *       listings: a.table(Listing),
 *       report: a.json(z.object({ rows: z.int() })),
 *       mae: a.metric({ goal: "min", unit: "USD" }),
 *     });
 */
export const a = {
  /** Rows of one schema, kept as Parquet. */
  table: <S extends z.ZodObject>(schema: S): TableKind<S> => tableKind(schema),
  /** One value of a schema, kept as JSON. */
  json: <S extends z.core.$ZodType>(schema: S): JsonKind<S> => jsonKind(schema),
  /** Bytes as they are. */
  file: (options?: FileOptions): FileKind => fileKind(options),
  /** Files that belong together: `a.folder({ media: "image/*", min: 100 })`. */
  folder: (options?: FolderOptions): FolderKind => folderKind(options),
  /** A fitted chain of transformers with the columns it needs and adds. */
  model: <I extends z.ZodObject, O extends z.ZodObject>(
    signature: Signature<I, O>,
  ): ModelKind<I, O> => modelKind(signature),
  /** A figure that runs are compared by; written, never read. */
  metric: (options: MetricOptions): MetricKind => metricKind(options),
};

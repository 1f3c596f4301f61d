/**
 * What a notebook imports as "steplab".
 *
 *     import { z, a, parameters, inputs, outputs, check, plot } from "steplab";
 *
 * Importing it loads zod and nothing else that is heavy: arquero, DuckDB and Vega are loaded by the first
 * table, query and chart.
 */
export { z } from "zod";

export { inject, parameters } from "./contract/parameters.ts";
export { inputs, outputs } from "./contract/ports.ts";
export { a } from "./artifact/kinds.ts";
export { op } from "./artifact/aggregate.ts";
export { desc, table, type Table } from "./artifact/table.ts";
export { sql, type Query } from "./artifact/sql.ts";
export { check, ChecksFailed } from "./check.ts";
export { secret } from "./secret.ts";

export { decodePng, encodePng } from "./picture/png.ts";
export type { Pixels, PixelsLike } from "./picture/pixels.ts";

export * from "./display/index.ts";
export * from "./notes/index.ts";
export * from "./transform/index.ts";

export type { FileInput, FileOutput } from "./artifact/file.ts";
export type { FolderFile } from "./files/folder-file.ts";
export type { Files } from "./files/selection.ts";
export type { FolderInput, FolderOutput } from "./artifact/folder.ts";
export type { JsonInput, JsonOutput } from "./artifact/json.ts";
export type { MetricOutput } from "./artifact/metric.ts";
export type { ModelInput, ModelOutput } from "./artifact/model.ts";
export type { TableOutput, TableSource } from "./artifact/table-kind.ts";

/** Values as artifacts and back, by a port alone: what a test of a stage gives as inputs and asserts of outputs. */
import { cpSync, copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Port } from "../core/contract.ts";
import { decodeShape, encodeShape } from "../core/decode.ts";
import { StepLabError } from "../core/error.ts";
import { readableJson } from "../core/json.ts";
import { typedColumns } from "./artifact/columns.ts";
import { withDuck } from "./artifact/duck.ts";
import { batchesOf, loadColumns } from "./artifact/load.ts";
import { PARQUET_MEDIA_TYPE, writeParquet } from "./artifact/parquet.ts";
import { rowsOfFile } from "./artifact/table-kind.ts";

/** Rows for tables, a value for JSON, text or bytes for files; `{ path }` for an artifact that lies somewhere, of any kind. */
export type FixtureValue = unknown;

export interface Fixture {
  path: string;
  mediaType: string;
}

/**
 * Writes a value as an artifact of the port's kind into `folder`.
 * @throws StepLabError as the kind's own `write` does for values that do not fit, `test/value` for what is none
 */
export async function writeFixture(
  port: Port,
  value: FixtureValue,
  folder: string,
  name: string,
): Promise<Fixture> {
  if (isPath(value)) return copied(value.path, port, join(folder, name));
  switch (port.kind) {
    case "table": {
      if (!isRows(value)) throw unfit(name, "rows: an array of objects, or a table");
      const path = join(folder, `${name}.parquet`);
      const subject = `Input "${name}"`;
      await withDuck(async (connection) => {
        const columns = typedColumns(port.columns);
        const relation = await loadColumns(
          connection,
          columns,
          batchesOf(value, columns, subject),
          subject,
        );
        await writeParquet(connection, relation, port.columns, path, subject);
      });
      return { path, mediaType: PARQUET_MEDIA_TYPE };
    }
    case "json": {
      const path = join(folder, `${name}.json`);
      writeFileSync(path, readableJson(encodeShape(port.shape, value)));
      return { path, mediaType: "application/json" };
    }
    case "file": {
      if (typeof value !== "string" && !(value instanceof Uint8Array))
        throw unfit(name, "text or bytes");
      const path = join(folder, name);
      writeFileSync(path, value);
      return { path, mediaType: port.media ?? "application/octet-stream" };
    }
    case "folder":
    case "model":
      throw unfit(name, "{ path } of a folder; a stage's own output has one");
    case "metric":
      throw unfit(name, "nothing: a metric is no input");
  }
}

/** A table's rows, a JSON value, or a file's bytes. Folders and models are their files: read them at their path. */
export async function readFixture(port: Port, path: string): Promise<unknown> {
  switch (port.kind) {
    case "table":
      return await Array.fromAsync(rowsOfFile(path, port.columns, path));
    case "json": {
      const decoded = decodeShape(port.shape, JSON.parse(readFileSync(path, "utf8")), {
        from: "json",
      });
      if (!decoded.ok) throw new Error(`${path} does not fit its own schema`);
      return decoded.value;
    }
    case "file":
      return readFileSync(path);
    case "folder":
    case "model":
    case "metric":
      return path;
  }
}

function copied(from: string, port: Port, to: string): Fixture {
  if (statSync(from).isDirectory()) cpSync(from, to, { recursive: true, dereference: true });
  else copyFileSync(from, to);
  const mediaTypes = {
    table: PARQUET_MEDIA_TYPE,
    json: "application/json",
    file: port.kind === "file" ? port.media : undefined,
  };
  const mediaType =
    port.kind in mediaTypes ? mediaTypes[port.kind as keyof typeof mediaTypes] : undefined; // guarded by `in`
  return { path: to, mediaType: mediaType ?? "application/octet-stream" };
}

function isPath(value: unknown): value is { path: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    "path" in value &&
    typeof value.path === "string" &&
    Object.keys(value).length === 1
  );
}

function isRows(value: unknown): value is Iterable<object> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

function unfit(name: string, expected: string): StepLabError {
  return new StepLabError(
    "test/value",
    `The value given for "${name}" does not fit its kind: expected ${expected}.`,
  );
}

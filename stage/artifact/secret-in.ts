/** Whether a staged artifact holds a secret: its bytes, each file of a folder, the text columns of a table. */
import { createReadStream, openSync, readSync, closeSync, statSync } from "node:fs";
import { join } from "node:path";
import type { SecretForm } from "../../core/redact.ts";
import { quoteName } from "./columns.ts";
import { describeQuery, rowsOf, withDuck, type Sql } from "./duck.ts";
import { listFiles } from "../../lineage/store/folder.ts";
import { parquetFile } from "./parquet.ts";

/** The name of a secret that is in it, or null. What is compressed in another way than Parquet's cannot be seen. */
export async function secretIn(path: string, forms: readonly SecretForm[]): Promise<string | null> {
  if (statSync(path).isDirectory()) {
    for (const file of listFiles(path)) {
      const found = await secretIn(join(path, file), forms);
      if (found !== null) return found;
    }
    return null;
  }
  return (await inBytes(path, forms)) ?? (isParquet(path) ? await inTable(path, forms) : null);
}

async function inBytes(path: string, forms: readonly SecretForm[]): Promise<string | null> {
  const wanted = forms.map(({ text, name }) => ({ bytes: Buffer.from(text), name }));
  const overlap = Math.max(...wanted.map(({ bytes }) => bytes.length)) - 1;
  let end: Buffer = Buffer.alloc(0);
  for await (const read of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const chunk = Buffer.concat([end, read as Buffer]); // no encoding was asked for
    const found = wanted.find(({ bytes }) => chunk.includes(bytes));
    if (found !== undefined) return found.name;
    end = chunk.subarray(Math.max(0, chunk.length - overlap));
  }
  return null;
}

/** Its columns are compressed: DuckDB looks. */
async function inTable(path: string, forms: readonly SecretForm[]): Promise<string | null> {
  return await withDuck(async (connection) => {
    const described = await describeQuery(connection, ["SELECT * FROM ", ...parquetFile(path)]);
    const columns = described.filter(({ type }) => type === "VARCHAR").map(({ name }) => name);
    if (columns.length === 0) return null;
    for (const { text, name } of forms) {
      const holds = columns.flatMap((column, index): Sql => [
        `${index === 0 ? "" : " OR "}contains(${quoteName(column)}, `,
        { value: text },
        ")",
      ]);
      const found = await rowsOf(connection, [
        "SELECT 1 FROM ",
        ...parquetFile(path),
        " WHERE ",
        ...holds,
        " LIMIT 1",
      ]);
      if (found.length > 0) return name;
    }
    return null;
  });
}

function isParquet(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(4);
    return readSync(file, start) === 4 && start.toString("latin1") === "PAR1";
  } finally {
    closeSync(file);
  }
}

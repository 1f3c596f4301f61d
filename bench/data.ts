/** CSV to a checked Parquet artifact: a whole stage with its kernel, 20 thousand and a million rows, SQL to `write`. */
import { createWriteStream, readFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { codeCell, makeNotebook, markdownCell, writeNotebook } from "../core/notebook/index.ts";
import { STEPLAB_ROOT } from "../core/own-sources.ts";
import { generateListings } from "../notebooks/sample/generate.ts";
import type { Task } from "./measure.ts";
import { csvPeers } from "./peers/csv.ts";
import { timed } from "./process.ts";
import { benchProject, lastRecord } from "./project.ts";

export const dataTasks: readonly Task[] = [
  csvToParquet({ name: "csv-20k", rows: "20k", times: 1, bound: 0.7 }),
  csvToParquet({ name: "csv-1m", rows: "1M", times: 50, bound: 3.5, memoryBoundMb: 800 }),
];

function csvToParquet(options: {
  name: string;
  rows: string;
  times: number;
  bound: number;
  memoryBoundMb?: number;
}): Task {
  const { name, rows, times, bound, memoryBoundMb } = options;
  return {
    name,
    rounds: 5,
    rows: [
      {
        figure: "wall",
        what: `CSV to checked Parquet, ${rows} rows, whole command`,
        unit: "s",
        bound,
        note: "The same rows and values by DuckDB's reading of both files. pandas parses dates and filters in a Python process of its own; steplab's figure is the whole command with kernel, schema, checks and archive, its memory that of the kernel.",
      },
      {
        figure: "memory",
        what: "  peak memory of what reads and writes",
        unit: "MB",
        ...(memoryBoundMb !== undefined && { bound: memoryBoundMb }),
      },
    ],
    async prepare(bench) {
      const { root } = bench.resources.use(
        benchProject({
          "PIPELINE.md": DOCUMENT,
          "notebooks/clean.ipynb": notebook(),
          "notebooks/listing.ts": readFileSync(
            join(STEPLAB_ROOT, "notebooks/schemas/listing.ts"),
            "utf8",
          ),
          "data/part.csv": generateListings({ rows: 20_000, seed: 1 }),
        }),
      );
      await repeatRows(join(root, "data/part.csv"), join(root, "data/delivery.csv"), times);
      return [
        {
          name: "steplab",
          measure() {
            const wall = timed(root, ["run", "--force"]);
            const cells = lastRecord(root).stages["clean"]?.cells ?? [];
            const peak = Math.max(...cells.map(({ peakRssBytes }) => peakRssBytes ?? 0));
            return { wall, memory: peak / 1e6 };
          },
          work: async () => {
            const { folder, stages } = lastRecord(root);
            return await contentOf(join(folder, stages["clean"]?.outputs["listings"]?.path ?? ""));
          },
        },
        ...csvPeers(bench, join(root, "data/delivery.csv"), contentOf),
      ];
    },
  };
}

/** A table's content, whatever wrote it: its columns, its rows, and a sum over the hashes of all values. */
async function contentOf(parquet: string): Promise<unknown> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const from = `from read_parquet('${parquet.replaceAll("'", "''")}')`;
  const described = await connection.runAndReadAll(`describe select * ${from}`);
  const columns = described
    .getRows()
    .map(([name, type]) => ({ name: String(name), type: String(type) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  // A day is a day, whether it is stored as a date or as its first moment.
  const values = columns.map(({ name, type }) => {
    const column = `"${name}"`;
    return /^(DATE|TIMESTAMP)/.test(type)
      ? `cast(cast(${column} as timestamp) as varchar)`
      : `cast(${column} as varchar)`;
  });
  const summed = await connection.runAndReadAll(
    `select count(*) as rows, sum(hash(${values.join(", ")}))::varchar as content ${from}`,
  );
  connection.closeSync();
  const [row] = summed.getRows();
  return {
    columns: columns.map(({ name }) => name),
    rows: Number(row?.[0]),
    content: String(row?.[1]),
  };
}

const DOCUMENT = `---
pipeline: bench
seed: 1
---

## Clean

Reads, filters and writes.

\`\`\`yaml stage
name: clean
notebook: notebooks/clean.ipynb
inputs: { delivery: data/delivery.csv }
\`\`\`
`;

function notebook(): string {
  const slot = (name: "imports" | "parameters" | "inputs" | "outputs", source: string) =>
    codeCell(source, { id: name, slot: name, metadata: { deletable: false } });
  return writeNotebook(
    makeNotebook(
      [
        markdownCell("Clean.", {
          id: "description",
          slot: "description",
          metadata: { deletable: false },
        }),
        slot(
          "imports",
          'import { a, check, inputs, outputs, parameters, sql, z } from "steplab";\nimport { RawListing } from "./listing.ts";',
        ),
        slot(
          "parameters",
          "const params = parameters({ minPrice: z.number().default(10), maxPrice: z.number().default(350) });",
        ),
        slot("inputs", 'const input = inputs({ delivery: a.file({ media: "text/csv" }) });'),
        slot("outputs", "const output = outputs({ listings: a.table(RawListing) });"),
        codeCell(
          "await output.listings.write(sql`select * from ${input.delivery.csv(RawListing)} where price between ${params.minPrice} and ${params.maxPrice}`);",
          { id: "write" },
        ),
        codeCell('check("written", true);', {
          id: "checks",
          slot: "checks",
          metadata: { deletable: false },
        }),
      ],
      {
        kernelspec: {
          display_name: "TypeScript (steplab)",
          language: "typescript",
          name: "steplab",
        },
        language_info: { name: "typescript" },
        steplab: { template: "process" },
      },
    ),
  );
}

/** The same listings many times over. Ids repeat, which no schema minds. */
async function repeatRows(from: string, to: string, times: number): Promise<void> {
  const text = readFileSync(from, "utf8");
  const headEnd = text.indexOf("\n") + 1;
  const body = text.slice(headEnd);
  const out = createWriteStream(to);
  out.write(text.slice(0, headEnd));
  for (let i = 0; i < times; i++) if (!out.write(body)) await once(out, "drain");
  out.end();
  await once(out, "finish");
}

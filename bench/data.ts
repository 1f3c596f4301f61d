/** CSV to a checked Parquet artifact: a whole stage with its kernel, 20 thousand and a million rows, SQL to `write`. */
import { createWriteStream, existsSync, readFileSync, readdirSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { codeCell, makeNotebook, markdownCell, writeNotebook } from "../core/notebook/index.ts";
import { STEPLAB_ROOT } from "../core/own-sources.ts";
import { generateListings } from "../notebooks/sample/generate.ts";
import { medianOf, timed, type Row } from "./measure.ts";
import { benchProject } from "./project.ts";

/** Peers (reference: performance.md section 2): pandas 0.55 / 1.88 s, DuckDB 0.26 / 1.26 s, without kernel, checks or archive. */
export async function benchData(): Promise<Row[]> {
  using project = benchProject({
    "PIPELINE.md": DOCUMENT,
    "notebooks/clean.ipynb": notebook(),
    "notebooks/listing.ts": readFileSync(
      join(STEPLAB_ROOT, "notebooks/schemas/listing.ts"),
      "utf8",
    ),
    "data/small.csv": generateListings({ rows: 20_000, seed: 1 }),
  });
  await repeatRows(join(project.root, "data/small.csv"), join(project.root, "data/large.csv"), 50);
  const rows: Row[] = [];
  for (const [what, file, bound, kept] of [
    ["20k", "small", "0.7", 15_000],
    ["1M", "large", "3.5", 750_000],
  ] as const) {
    const once = (): number =>
      timed(project.root, ["run", "--force", "-i", `clean.delivery=data/${file}.csv`]);
    once();
    rows.push({
      what: `CSV to checked Parquet, ${what} rows, whole command`,
      bound,
      value: medianOf(5, once),
      unit: "s",
    });
    const record = lastRecord(project.root);
    const stage = record.stages["clean"];
    if (record.status !== "succeeded" || (stage?.outputs["listings"]?.summary.rows ?? 0) < kept)
      throw new Error("the stage did not do its work");
    const peak = Math.max(...(stage?.cells ?? []).map((cell) => cell.peakRssBytes ?? 0));
    rows.push({
      what: `  its kernel's peak memory`,
      bound: what === "1M" ? "0.8" : "",
      value: peak / 1e9,
      unit: "GB",
    });
  }
  return rows;
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
inputs: { delivery: data/small.csv }
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

interface Recorded {
  status: string;
  stages: Record<
    string,
    {
      outputs: Record<string, { summary: { rows: number } }>;
      cells: { peakRssBytes: number | null }[];
    }
  >;
}

function lastRecord(root: string): Recorded {
  const last =
    readdirSync(join(root, "runs"))
      .filter((name) => name.startsWith("20"))
      .sort()
      .at(-1) ?? "";
  return JSON.parse(readFileSync(join(root, "runs", last, "run.json"), "utf8")) as Recorded; // just written
}

/** The same listings many times over. Ids repeat, which no schema minds. */
async function repeatRows(from: string, to: string, times: number): Promise<void> {
  if (existsSync(to)) return;
  const text = readFileSync(from, "utf8");
  const headEnd = text.indexOf("\n") + 1;
  const body = text.slice(headEnd);
  const out = createWriteStream(to);
  out.write(text.slice(0, headEnd));
  for (let i = 0; i < times; i++) if (!out.write(body)) await once(out, "drain");
  out.end();
  await once(out, "finish");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.table(await benchData());

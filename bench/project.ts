/** Projects made for measuring: chains of trivial stages, in a temporary folder with this steplab in it. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { codeCell, makeNotebook, markdownCell, writeNotebook } from "../core/notebook/index.ts";
import { STEPLAB_ROOT } from "../core/own-sources.ts";
import { seen } from "./kernels.ts";

export interface BenchProject extends Disposable {
  root: string;
}

/** An empty folder, for whoever is measured. */
export function benchFolder(): BenchProject {
  const root = mkdtempSync(join(tmpdir(), "steplab-bench-"));
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

export function benchProject(files: Record<string, string>): BenchProject {
  const folder = benchFolder();
  const { root } = folder;
  mkdirSync(join(root, "node_modules"));
  symlinkSync(STEPLAB_ROOT, join(root, "node_modules", "steplab"));
  mkdirSync(join(root, "node_modules", "@types"));
  symlinkSync(
    join(STEPLAB_ROOT, "node_modules", "@types", "node"),
    join(root, "node_modules", "@types", "node"),
  );
  writeFileSync(
    join(root, "package.json"),
    JSON.stringify({ name: "bench", private: true, type: "module" }),
  );
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return folder;
}

/** What the checks of the measurements need of a record. */
export interface Recorded {
  status: string;
  stages: Record<
    string,
    {
      status: string;
      notebook: { path: string };
      outputs: Record<string, { digest: string; path: string; summary: { rows: number } }>;
      cells: { peakRssBytes: number | null }[];
    }
  >;
}

/** The newest run, whole: a fast run that leaves something out is no run. @throws Error when it is not */
export function lastRecord(root: string): Recorded & { folder: string } {
  const runs = join(root, "runs");
  const run =
    readdirSync(runs)
      .filter((name) => name.startsWith("20"))
      .sort()
      .at(-1) ?? "";
  const folder = join(runs, run);
  const record = JSON.parse(readFileSync(join(folder, "run.json"), "utf8")) as Recorded; // just written by steplab
  const archived = Object.values(record.stages).every(({ notebook }) =>
    existsSync(join(folder, notebook.path)),
  );
  if (record.status !== "succeeded" || !archived) throw new Error(`run ${run} is not whole`);
  return { ...record, folder };
}

/** What the code cells of each stage show, by the archived notebooks of the newest run. */
export function shownByStage(root: string): string[][] {
  const { folder, stages } = lastRecord(root);
  return Object.values(stages).map(({ notebook }) => shownBy(join(folder, notebook.path)));
}

interface ExecutedNotebook {
  cells: {
    cell_type: string;
    metadata: { tags?: string[] };
    outputs?: { text?: Text; data?: { "text/plain"?: Text }; evalue?: string }[];
  }[];
}
type Text = string | string[];

/** What a reader sees below each code cell, as text: a printed line and a result are alike, colours left out. */
export function shownBy(notebook: string): string[] {
  const { cells } = JSON.parse(readFileSync(notebook, "utf8")) as ExecutedNotebook; // written by whoever is measured
  const joined = (text: Text | undefined): string =>
    Array.isArray(text) ? text.join("") : (text ?? "");
  return cells
    .filter(
      ({ cell_type, metadata }) =>
        // The cell with a stage's parameters, which some put in, is not one of those that were given.
        cell_type === "code" && metadata.tags?.includes("injected-parameters") !== true,
    )
    .map(({ outputs = [] }) =>
      seen(
        outputs
          .map(
            ({ text, data, evalue }) =>
              joined(text) + joined(data?.["text/plain"]) + (evalue ?? ""),
          )
          .join(""),
      ),
    );
}

/** A chain in which every stage reads the one before; or, `independent`, stages with nothing in common. */
export function chainFiles(
  stages: number,
  options: { independent: boolean },
): Record<string, string> {
  const files: Record<string, string> = {
    "data/start.txt": "1\n",
    "templates/trivial.ipynb": TEMPLATE,
  };
  let document = "---\npipeline: bench\nseed: 1\n---\n\n";
  for (let i = 1; i <= stages; i++) {
    const first = i === 1 || options.independent;
    const wire = first ? "data/start.txt" : `s${i - 1}.value`;
    document += `## Stage ${i}\n\nTrivial.\n\n\`\`\`yaml stage\nname: s${i}\nnotebook: notebooks/s${i}.ipynb\ninputs: { value: ${wire} }\n\`\`\`\n\n`;
    files[`notebooks/s${i}.ipynb`] = trivialNotebook(first, i);
  }
  files["PIPELINE.md"] = document;
  return files;
}

/** The least a template can ask for: what is measured is the runner, not a kind of artifact. */
const TEMPLATE = writeNotebook(
  makeNotebook(
    (["description", "imports", "parameters", "inputs", "outputs", "body", "checks"] as const).map(
      (name) => {
        const slot = { name, required: name !== "body", repeat: name === "body", guidance: "" };
        const options = {
          id: name,
          metadata: { steplab: { slot } },
          ...(name !== "body" && { slot: name }),
        };
        return name === "description" ? markdownCell("Trivial.", options) : codeCell("", options);
      },
    ),
    {
      kernelspec: { display_name: "TypeScript (steplab)", language: "typescript", name: "steplab" },
      steplab: {
        template: { name: "trivial", title: "Trivial", describes: "For measuring.", requires: {} },
      },
    },
  ),
);

/** Eleven cells, as in the peers' measurement (reference: performance.md section 1): slots, and bodies that print. */
function trivialNotebook(first: boolean, number: number): string {
  const cells = [
    markdownCell("Trivial.", {
      id: "description",
      slot: "description",
      metadata: { deletable: false },
    }),
    codeCell('import { z, a, parameters, inputs, outputs, check } from "steplab";', {
      id: "imports",
      slot: "imports",
      metadata: { deletable: false },
    }),
    codeCell("const params = parameters({});", {
      id: "parameters",
      slot: "parameters",
      metadata: { deletable: false },
    }),
    codeCell(`const input = inputs({ value: ${first ? "a.file()" : "a.json(z.number())"} });`, {
      id: "inputs",
      slot: "inputs",
      metadata: { deletable: false },
    }),
    codeCell("const output = outputs({ value: a.json(z.number()) });", {
      id: "outputs",
      slot: "outputs",
      metadata: { deletable: false },
    }),
    codeCell(
      `const before = ${first ? "Number(await input.value.text())" : "await input.value.read()"};`,
      { id: "read" },
    ),
    codeCell("const numbers = Array.from({ length: 100 }, (_, i) => i + before);", {
      id: "numbers",
    }),
    codeCell("const sum = numbers.reduce((a, b) => a + b, 0);\nconsole.log(sum);", { id: "sum" }),
    codeCell(
      `interface Point { x: number }\nconst point: Point = { x: sum };\npoint.x + ${number}`,
      { id: "point" },
    ),
    codeCell("await output.value.write(before + 1);", { id: "write" }),
    codeCell('check("positive", before > 0);', {
      id: "checks",
      slot: "checks",
      metadata: { deletable: false },
    }),
  ];
  return writeNotebook(
    makeNotebook(cells, {
      kernelspec: { display_name: "TypeScript (steplab)", language: "typescript", name: "steplab" },
      language_info: { name: "typescript" },
      steplab: { template: "trivial" },
    }),
  );
}

/** A page of docs/ as the project it describes: its marked code blocks, in order. */
import {
  codeCell,
  makeNotebook,
  markdownCell,
  STEPLAB_KERNELSPEC,
  type Cell,
  type Notebook,
} from "../../core/notebook/index.ts";

export interface Block {
  /** First word of the info string: "ts", "csv". */
  language: string;
  /** The rest of it: "notebook", "output", or a path. */
  mark: string;
  text: string;
}

export function blocksOf(markdown: string): Block[] {
  const fences = markdown.matchAll(/^(`{3,}|~{3,})([^\n]*)\n([\s\S]*?)^\1 *$/gm);
  return [...fences].map(([, , info = "", text = ""]) => {
    const [language = "", ...mark] = info.trim().split(/\s+/);
    return { language, mark: mark.join(" "), text };
  });
}

/** Blocks that are files: their mark is a path, "data/listings.csv" or "PIPELINE.md". */
export function filesOf(blocks: readonly Block[]): Record<string, string> {
  const files = blocks.filter(
    ({ language, mark }) => language !== "diff" && /^[\w./-]+\.\w+$/.test(mark),
  );
  return Object.fromEntries(files.map(({ mark, text }) => [mark, text]));
}

/** PIPELINE.md of the page's stage blocks, with the page's own sections left out. */
export function pipelineOf(blocks: readonly Block[]): string {
  const stages = blocks.filter(({ language, mark }) => language === "yaml" && mark === "stage");
  const sections = stages.map(
    ({ text }, i) => `## Stage ${i + 1}\n\n\`\`\`yaml stage\n${text}\`\`\`\n`,
  );
  return `---\npipeline: page\n---\n\n${sections.join("\n")}`;
}

/** The page's notebooks by path: what follows a stage's block, up to the next stage's, is its notebook. */
export function notebooksOf(blocks: readonly Block[]): Record<string, Notebook> {
  const starts = blocks.flatMap(({ mark }, at) => (mark === "stage" ? [at] : []));
  return Object.fromEntries(
    starts.map((start, i) => [
      /^notebook: (.*)$/m.exec(blocks[start]?.text ?? "")?.[1] ?? "",
      notebookOf(blocks.slice(start, starts[i + 1])),
    ]),
  );
}

/** Each block marked `notebook` is a cell, its slot told by what it holds. */
function notebookOf(blocks: readonly Block[]): Notebook {
  const marked = blocks.filter(({ mark }) => mark === "notebook");
  const sources = marked.map(({ text }) => text.replace(/\n$/, ""));
  const cells: Cell[] = marked.map(({ language }, i) => {
    const source = sources[i] ?? "";
    if (language === "markdown")
      return markdownCell(source, { id: "description", slot: "description", ...LOCKED });
    const slot = slotOf(source);
    return codeCell(source, { id: `cell-${i + 1}`, ...(slot && { slot, ...LOCKED }) });
  });
  if (!marked.some(({ language }) => language === "markdown"))
    cells.unshift(
      markdownCell("A page of the documentation.", {
        id: "description",
        slot: "description",
        ...LOCKED,
      }),
    );
  const outputs = sources.find((source) => slotOf(source) === "outputs") ?? "";
  const template = outputs.includes("a.model(") ? "train" : "process";
  return makeNotebook(cells, { ...STEPLAB_KERNELSPEC, steplab: { template } });
}

const LOCKED = { metadata: { deletable: false } };

function slotOf(
  source: string,
): "imports" | "parameters" | "inputs" | "outputs" | "checks" | undefined {
  if (source.startsWith("import ")) return "imports";
  for (const slot of ["parameters", "inputs", "outputs"] as const)
    if (new RegExp(`^const \\w+ = ${slot}\\(`).test(source)) return slot;
  return /^(await )?check\b/.test(source) ? "checks" : undefined;
}

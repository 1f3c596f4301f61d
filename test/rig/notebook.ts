/** Stage notebooks in few words, for tests. */
import {
  codeCell,
  makeNotebook,
  markdownCell,
  STEPLAB_KERNELSPEC,
  type Cell,
  type Notebook,
} from "../../core/notebook/index.ts";

export interface StageNotebookText {
  /** Default "process". */
  template?: string;
  description?: string;
  imports?: string;
  parameters?: string;
  inputs?: string;
  outputs?: string;
  /** One cell a string. */
  body?: string | string[];
  /** One cell a string. */
  checks?: string | string[];
  scratch?: string;
}

export const IMPORTS = `import { z, a, parameters, inputs, outputs, check } from "steplab";`;

/**
 * A notebook with the slots of a stage in order. The required ones that are not given are filled with the least
 * that is legal; an empty string leaves a slot out.
 */
export function stageNotebook(text: StageNotebookText = {}): Notebook {
  const cells: Cell[] = [];
  const slot = (name: "imports" | "parameters" | "inputs" | "outputs", fallback: string): void => {
    const source = text[name] ?? fallback;
    if (source !== "")
      cells.push(codeCell(source, { id: name, slot: name, metadata: { deletable: false } }));
  };
  const description = text.description ?? "What this stage does.";
  if (description !== "")
    cells.push(
      markdownCell(description, {
        id: "description",
        slot: "description",
        metadata: { deletable: false },
      }),
    );
  slot("imports", IMPORTS);
  slot("parameters", "const params = parameters({});");
  slot("inputs", "const input = inputs({});");
  slot("outputs", "const output = outputs({});");
  list(text.body).forEach((source, index) =>
    cells.push(codeCell(source, { id: `body-${index + 1}` })),
  );
  list(text.checks ?? `check("holds", true);`).forEach((source, index) =>
    cells.push(
      codeCell(source, {
        id: `checks-${index + 1}`,
        slot: "checks",
        ...(index === 0 && { metadata: { deletable: false } }),
      }),
    ),
  );
  if (text.scratch) cells.push(codeCell(text.scratch, { id: "scratch", slot: "scratch" }));
  return makeNotebook(cells, {
    ...STEPLAB_KERNELSPEC,
    steplab: { template: text.template ?? "process" },
  });
}

function list(sources: string | string[] | undefined): string[] {
  if (sources === undefined) return [];
  return (typeof sources === "string" ? [sources] : sources).filter((source) => source !== "");
}

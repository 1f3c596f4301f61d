/** The six-stage chain for the peers: eleven cells that do and print what steplab's do, in Python and in TypeScript. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeCell, makeNotebook, markdownCell, writeNotebook } from "../../core/notebook/index.ts";
import type { Bench, Contestant } from "../measure.ts";
import { benchFolder, shownBy } from "../project.ts";
import type { Environment } from "./setup.ts";

const STAGES = 6;
const PASSED = '✓ passed: "positive"';

/** Contestants of the chain; none without `--peers`. */
export function chainPeers({ peers, resources }: Pick<Bench, "peers" | "resources">): Contestant[] {
  if (peers === null) return [];
  const contestants: Contestant[] = [];
  const add = (
    name: string,
    language: Language,
    kernel: string,
    run: (chain: PeerChain) => number,
  ): void => {
    const { root } = resources.use(benchFolder());
    const chain = layOut(root, language, kernel);
    if (kernel === "tslab") {
      mkdirSync(join(root, "node_modules", "@types"), { recursive: true });
      symlinkSync(peers.typesOfNode, join(root, "node_modules", "@types", "node"));
    }
    contestants.push({
      name,
      ...(kernel !== "python3" && { knownLoss: "an output is lost" }),
      measure: () => ({ wall: run(chain) }),
      work: () => ({
        shown: chain.executed.map(shownBy),
        value: readFileSync(join(root, `value-${STAGES}.json`), "utf8").trim(),
      }),
    });
  };

  const { jupyter, ploomber, kernels } = peers;
  if (jupyter) {
    const script = join(import.meta.dirname, "chain.py");
    const inOneProcess =
      (tool: "papermill" | "nbclient", kernel: string) =>
      ({ root, notebooks }: PeerChain): number =>
        jupyter.run(root, "python", [script, tool, kernel, "executed", ...notebooks]).seconds;
    add(
      "nbclient + ipykernel, one process",
      PYTHON,
      "python3",
      inOneProcess("nbclient", "python3"),
    );
    add(
      "papermill + ipykernel, one process",
      PYTHON,
      "python3",
      inOneProcess("papermill", "python3"),
    );
    add("papermill + ipykernel, command a stage", PYTHON, "python3", papermillCommands(jupyter));
    add("nbconvert --execute, one command", PYTHON, "python3", ({ root, notebooks }) => {
      const words = ["nbconvert", "--execute", "--to", "notebook", "--output-dir", "executed"];
      return jupyter.run(root, "jupyter", [...words, ...notebooks]).seconds;
    });
    for (const kernel of ["deno", "tslab"] as const) {
      if (kernels[kernel] === null) continue;
      const name = kernel === "deno" ? "Deno" : "tslab";
      add(`nbclient + ${name}, one process`, TYPESCRIPT, kernel, inOneProcess("nbclient", kernel));
      add(
        `papermill + ${name}, one process`,
        TYPESCRIPT,
        kernel,
        inOneProcess("papermill", kernel),
      );
      add(`papermill + ${name}, command a stage`, TYPESCRIPT, kernel, papermillCommands(jupyter));
    }
  }
  if (ploomber)
    add("ploomber build --force", PYTHON, "python3", (chain) => {
      writeFileSync(join(chain.root, "pipeline.yaml"), pipelineOf(chain));
      return ploomber.run(chain.root, "ploomber", ["build", "--force"]).seconds;
    });
  return contestants;
}

const papermillCommands =
  (jupyter: Environment) =>
  ({ root, notebooks, executed }: PeerChain): number =>
    notebooks.reduce((sum, notebook, i) => {
      const words = ["--no-progress-bar", notebook, executed[i] ?? ""];
      return sum + jupyter.run(root, "papermill", words).seconds;
    }, 0);

export interface PeerChain {
  root: string;
  /** By their names in `root`. */
  notebooks: string[];
  /** Where each is written when it has been executed. */
  executed: string[];
}

/** The notebooks, and the number that the first one reads. */
export function layOut(root: string, language: Language, kernel: string): PeerChain {
  mkdirSync(join(root, "executed"), { recursive: true });
  writeFileSync(join(root, "value-0.json"), "1\n");
  const notebooks = Array.from({ length: STAGES }, (_, i) => `s${i + 1}.ipynb`);
  for (const [i, name] of notebooks.entries())
    writeFileSync(join(root, name), notebookOf(language, kernel, i + 1));
  return { root, notebooks, executed: notebooks.map((name) => join(root, "executed", name)) };
}

/** The ten code cells of a stage. */
export type Language = (stage: number) => string[];

export const PYTHON: Language = (stage) => [
  "import json",
  // Where ploomber looks for what comes before, and puts what it makes; nothing to the others.
  `upstream = ${stage === 1 ? "None" : `["s${stage - 1}"]`}\nproduct = None`,
  `source = "value-${stage - 1}.json"`,
  `target = "value-${stage}.json"`,
  "with open(source) as file:\n    before = json.load(file)",
  "numbers = [i + before for i in range(100)]",
  "sum_ = sum(numbers)\nprint(sum_)",
  `point = {"x": sum_}\npoint["x"] + ${stage}`,
  'with open(target, "w") as file:\n    json.dump(before + 1, file)',
  `assert before > 0\nprint('${PASSED}')`,
];

const TYPESCRIPT: Language = (stage) => [
  'import { readFileSync, writeFileSync } from "node:fs";',
  "const params = {};",
  `const source = "value-${stage - 1}.json";`,
  `const target = "value-${stage}.json";`,
  'const before: number = JSON.parse(readFileSync(source, "utf8"));',
  "const numbers = Array.from({ length: 100 }, (_, i) => i + before);",
  "const sum = numbers.reduce((a, b) => a + b, 0);\nconsole.log(sum);",
  `interface Point { x: number }\nconst point: Point = { x: sum };\npoint.x + ${stage}`,
  "writeFileSync(target, JSON.stringify(before + 1));",
  `if (before <= 0) throw new Error("not positive");\nconsole.log('${PASSED}');`,
];

/** A stage's notebook, with so many more cells that print. */
export function notebookOf(language: Language, kernel: string, stage: number, more = 0): string {
  const prints = Array.from({ length: more }, (_, i) => `print("cell ${i}")`);
  const cells = [...language(stage), ...prints].map((source, i) => {
    const id = `cell-${i}`;
    return codeCell(source, { id, metadata: i === 1 ? { tags: ["parameters"] } : {} });
  });
  const name = kernel === "python3" ? "python" : "typescript";
  return writeNotebook(
    makeNotebook([markdownCell("Trivial.", { id: "description" }), ...cells], {
      kernelspec: { display_name: kernel, language: name, name: kernel },
      language_info: { name },
    }),
  );
}

/** What ploomber calls a pipeline; it knows the order by the notebooks' `upstream`. */
export function pipelineOf({ notebooks }: PeerChain): string {
  const tasks = notebooks.map((notebook, i) => {
    const product = `{ nb: executed/${notebook}, data: value-${i + 1}.json }`;
    return `  - source: ${notebook}\n    name: s${i + 1}\n    product: ${product}\n`;
  });
  return `tasks:\n${tasks.join("")}`;
}

/** Where a new stage's notebook lies and what its section is called, in keeping with those that are there. */
import { basename } from "node:path";
import { readSourceNotebookFile } from "../notebooks/source-notebook.ts";
import type { Pipeline } from "../pipeline.ts";
import { listProjectFiles } from "../project-files.ts";
import { templateNameOf } from "../templates.ts";
import { folderOf } from "./imports.ts";

/** The folder most stages' notebooks lie in, numbered on where those are numbered. */
export function notebookPath(
  root: string,
  pipeline: Pipeline,
  name: string,
  explores: boolean,
): string {
  const paths = pipeline.stages
    .map(({ notebook }) => notebook)
    .filter((path) => !path.includes("node_modules/"));
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(folderOf(path), (counts.get(folderOf(path)) ?? 0) + 1);
  const [folder = "notebooks"] = [...counts].sort(([, a], [, b]) => b - a).map(([each]) => each);
  const inFolder = (file: string, at = folder): string => (at === "" ? file : `${at}/${file}`);
  if (explores) return inFolder(`${name}.ipynb`, exploreFolder(root) ?? inFolder("explore"));
  const numbers = paths.flatMap((path) => {
    const number = /^(\d+)-/.exec(basename(path))?.[1];
    return number === undefined ? [] : [number];
  });
  if (numbers.length === 0 || numbers.length < paths.length / 2) return inFolder(`${name}.ipynb`);
  const width = Math.max(...numbers.map((number) => number.length));
  const next = String(Math.max(...numbers.map(Number)) + 1).padStart(
    numbers.some((n) => n.startsWith("0")) ? width : 1,
    "0",
  );
  return inFolder(`${next}-${name}.ipynb`);
}

function exploreFolder(root: string): string | undefined {
  for (const path of listProjectFiles(root).notebooks) {
    const { source } = readSourceNotebookFile(root, path);
    if (source && templateNameOf(source.notebook) === "explore") return folderOf(path);
  }
  return undefined;
}

/** `price-report` is "Price report". */
export function titleOf(name: string): string {
  const words = name
    .replace(/[-_]+/g, " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

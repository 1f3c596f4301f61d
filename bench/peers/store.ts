/** Files into the stores of DVC and MLflow: whole commands, a fresh store each time, nothing remembered of the files. */
import { cpSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { digestOfFile } from "../../core/digest.ts";
import type { Bench, Contestant } from "../measure.ts";
import { benchFolder } from "../project.ts";

const MLFLOW = `
import sys, mlflow
mlflow.set_tracking_uri("file:" + sys.argv[2])
with mlflow.start_run():
    (mlflow.log_artifacts if sys.argv[3] == "folder" else mlflow.log_artifact)(sys.argv[1])
`;

/** `source` is a file or a folder of files. */
export function storePeers(
  { peers, resources }: Pick<Bench, "peers" | "resources">,
  source: string,
): Contestant[] {
  const contestants: Contestant[] = [];
  const add = (name: string, store: string, put: (root: string, copy: string) => number): void => {
    const { root } = resources.use(benchFolder());
    const project = join(root, "project");
    contestants.push({
      name,
      measure() {
        rmSync(project, { recursive: true, force: true });
        cpSync(source, join(project, basename(source)), { recursive: true });
        return { put: put(project, basename(source)) };
      },
      work: () => keptOf(source, join(project, store)),
    });
  };
  const { dvc, mlflow } = peers ?? { dvc: null, mlflow: null };
  if (dvc)
    add("dvc add", join(".dvc", "cache"), (root, copy) => {
      dvc.run(root, "dvc", ["init", "--no-scm", "--quiet"]);
      return dvc.run(root, "dvc", ["add", "--quiet", copy]).seconds;
    });
  if (mlflow)
    add("MLflow log_artifacts", "mlruns", (root, copy) => {
      const script = join(root, "log.py");
      writeFileSync(script, MLFLOW);
      const kind = statSync(source).isDirectory() ? "folder" : "file";
      return mlflow.run(root, "python", [script, copy, join(root, "mlruns"), kind]).seconds;
    });
  return contestants;
}

/** How many of the source's files lie in the store, byte for byte, under whatever names. */
export function keptOf(source: string, store: string): { files: number; kept: number } {
  const stored = new Set(filesIn(store).map((file) => digestOfFile(file).digest));
  const files = filesIn(source);
  return {
    files: files.length,
    kept: files.filter((file) => stored.has(digestOfFile(file).digest)).length,
  };
}

function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The other tools, each in an environment of its own under `.steplab/bench/`: asked for, never needed. */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pinned } from "../../jupyter/environment.ts";
import {
  Environment,
  npmEnvironment,
  PEERS_FOLDER,
  pythonEnvironment,
  requirementsOf,
  type PythonGroup,
} from "./setup.ts";

/** What tasks see of them; null is a peer that is not there. */
export interface Peers {
  /** papermill, nbclient, nbconvert, Python's kernel, pandas, scikit-learn. */
  jupyter: Environment | null;
  ploomber: Environment | null;
  dvc: Environment | null;
  /** Only with `--with mlflow`. */
  mlflow: Environment | null;
  /** GNU make, as it is installed. */
  make: Environment | null;
  /** Commands of kernels, as a kernelspec has them; papermill knows them by these names. */
  kernels: { deno: string[] | null; tslab: string[] | null };
  /** The types of Node that tslab needs beside a notebook, or `console` is a type error. */
  typesOfNode: string;
  /** What is not there, and why. */
  missing: ReadonlyMap<string, string>;
  /** What is there, by its name. */
  versions: Record<string, string>;
}

/** What `--with` may ask for. */
export const EXTRA_PEERS = ["mlflow"];

export async function openPeers(options: {
  extra: readonly string[];
  say: (text: string) => void;
}): Promise<Peers> {
  const { extra, say } = options;
  mkdirSync(PEERS_FOLDER, { recursive: true });
  const missing = new Map<string, string>();
  const versions: Record<string, string> = {};
  const withReason = async <T>(name: string, get: () => Promise<T>): Promise<T | null> => {
    try {
      return await get();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      missing.set(name, why);
      say(`not installed: ${name}: ${why}`);
      return null;
    }
  };
  const python = (group: PythonGroup, name: string): Promise<Environment | null> =>
    withReason(name, async () => {
      const environment = await pythonEnvironment(group, say);
      for (const entry of pinned(requirementsOf(group))) {
        const [package_ = "", version = ""] = entry.split(" ");
        versions[package_] = version;
      }
      const { stdout } = environment.run(PEERS_FOLDER, "python", ["--version"]);
      versions["Python"] = stdout.trim().replace("Python ", "");
      return environment;
    });

  const jupyter = await python("jupyter", "papermill, nbclient, nbconvert, pandas, scikit-learn");
  const ploomber = await python("ploomber", "ploomber");
  const dvc = await python("dvc", "DVC");
  const mlflow = extra.includes("mlflow") ? await python("mlflow", "MLflow") : null;
  const modules = await withReason("Deno, tslab", () => npmEnvironment(say));
  const kernels = {
    deno: null,
    tslab: null,
    ...(modules !== null && kernelsIn(modules, versions)),
  };
  return {
    jupyter,
    ploomber,
    dvc,
    mlflow,
    make: await withReason("make", () => Promise.resolve(makeOf(versions))),
    kernels,
    typesOfNode: join(modules ?? "", "@types", "node"),
    missing,
    versions,
  };
}

/** Finds the programs in their packages, and tells Jupyter of them. */
function kernelsIn(modules: string, versions: Record<string, string>): Peers["kernels"] {
  const [deno] = globSync("@deno/*/deno{,.exe}", { cwd: modules });
  const [node24] = globSync(["node-*/bin/node", "node-*/bin/node.exe"], { cwd: modules });
  for (const name of ["deno", "tslab"]) versions[name] = versionOf(join(modules, name));
  if (node24 !== undefined)
    versions["Node of tslab"] = versionOf(join(modules, node24.split(/[\\/]/)[0] ?? ""));
  const kernels = {
    deno:
      deno === undefined
        ? null
        : [join(modules, deno), "jupyter", "--kernel", "--conn", "{connection_file}"],
    tslab: [
      node24 === undefined ? process.execPath : join(modules, node24),
      join(modules, "tslab", "bin", "tslab"),
      "kernel",
      "--config-path",
      "{connection_file}",
    ],
  };
  for (const [name, argv] of Object.entries(kernels)) {
    if (argv === null) continue;
    const folder = join(PEERS_FOLDER, "jupyter", "kernels", name);
    mkdirSync(folder, { recursive: true });
    const spec = { argv, display_name: name, language: "typescript" };
    writeFileSync(join(folder, "kernel.json"), JSON.stringify(spec));
  }
  return kernels;
}

function versionOf(folder: string): string {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return "unknown";
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version; // every package has one
}

/** @throws Error when there is none: it comes with the system's compilers, not from a registry. */
function makeOf(versions: Record<string, string>): Environment {
  const { status, stdout } = spawnSync("make", ["--version"], { encoding: "utf8" });
  const version = /^GNU Make (\S+)/.exec(stdout ?? "")?.[1];
  if (status !== 0 || version === undefined) throw new Error("there is no GNU make on the PATH");
  versions["make"] = version;
  const where = spawnSync("which", ["make"], { encoding: "utf8" }).stdout.trim();
  return new Environment(join(where, ".."));
}

/**
 * A model that can leave the project: its data, and the compiled modules it needs, in one folder.
 *
 *     model.json, arrays/        the model, as it is
 *     modules/notebooks/…/x.js   the project's modules behind it, types stripped, imports rewritten
 *     bundle.json                where each module came from, and its digest
 *     package.json               the packages they import, for `npm install`
 *
 * What comes from steplab itself ("steplab" and the transformers it ships) is taken from the steplab that loads it.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { dirname, join, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { digestOf } from "../../core/digest.ts";
import { StepLabError } from "../../core/error.ts";
import { listFiles } from "../../lineage/store/folder.ts";
import { currentSession } from "../session.ts";
import {
  codeChanged,
  definitionIn,
  findDefinition,
  importFile,
  packageVersions,
  projectClosure,
  SHIPPED_MODULE,
} from "./code-of.ts";
import { type LoadedModel, type ModelPort, readModel } from "./model-file.ts";
import { readBundleFile, readModelFile, type BundleFile } from "./model-format.ts";

/** What a bundle came to. */
export interface BundleSummary {
  /** Relative to its folder, sorted. */
  files: string[];
  bytes: number;
  /** What must be installed where it is loaded: name to version. */
  packages: Record<string, string>;
}

/**
 * Makes a folder that `loadBundle` can load where the project is not.
 *
 *     const model = await input.model.load();
 *     await bundle(model, await output.bundle.path());
 *
 * @param model read from a stored model: what is deployed is what was archived, not what is in memory
 * @throws StepLabError `model/code-changed` when the project's code is no longer the model's
 */
export async function bundle<In extends object, Out extends object>(
  model: LoadedModel<In, Out>,
  folder: string,
  { projectRoot = currentSession().projectRoot }: { projectRoot?: string } = {},
): Promise<BundleSummary> {
  const file = readModelFile(model.folder);
  const contents: BundleFile = { steplab: "bundle/1", modules: [], entries: {}, packages: {} };
  const sources = new Set<string>();
  for (const { transformer, module, code } of file.steps) {
    if (module === SHIPPED_MODULE) continue;
    const closure = projectClosure(module, projectRoot);
    if (closure.digest !== code) throw codeChanged(transformer, { module, code }, closure.digest);
    contents.entries[module] = code;
    for (const { path } of closure.files) sources.add(path);
    Object.assign(contents.packages, packageVersions(closure.packages, join(projectRoot, module)));
  }
  cpSync(model.folder, folder, { recursive: true });
  for (const module of [...sources].sort())
    contents.modules.push(compile(module, projectRoot, folder));
  writeJson(join(folder, "bundle.json"), contents);
  writeJson(join(folder, "package.json"), {
    private: true,
    type: "module",
    dependencies: contents.packages,
  });
  const files = listFiles(folder);
  const bytes = files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  return { files, bytes, packages: contents.packages };
}

/**
 * Loads a bundle: every module's bytes are compared with its digest before any is imported.
 *
 * @throws StepLabError `model/damaged`, `model/package-missing`, and what `loadModel` throws
 */
export async function loadBundle<In extends object, Out extends object>(
  folder: string,
  port: ModelPort | null = null,
): Promise<LoadedModel<In, Out>> {
  const root = realpathSync(folder);
  const contents = readBundleFile(root);
  const files = new Map(
    contents.modules.map(({ module, file, digest }) => [module, verified(root, file, digest)]),
  );
  resolveBarePackages(root);
  return readModel(root, port, async (name, identity) => {
    if (identity.module === SHIPPED_MODULE) return findDefinition(name, identity, root);
    const path = files.get(identity.module);
    const code = contents.entries[identity.module];
    if (path === undefined || code === undefined) {
      throw new StepLabError(
        "model/code-missing",
        `The bundle holds no module "${identity.module}".`,
      );
    }
    if (code !== identity.code) throw codeChanged(name, identity, code);
    return definitionIn(await importFile(path), name, identity.module);
  });
}

function compile(
  module: string,
  projectRoot: string,
  folder: string,
): BundleFile["modules"][number] {
  const { transformSync } = createRequire(import.meta.url)(
    "oxc-transform",
  ) as typeof import("oxc-transform"); // require is untyped; loaded here only, deploying is rare
  const source = readFileSync(join(projectRoot, module), "utf8");
  const isTypeScript = /\.[cm]?ts$/.test(module);
  const file = `modules/${module.replace(/\.([cm]?)ts$/, ".$1js")}`;
  let code = source;
  if (isTypeScript) {
    const result = transformSync(module, source, { typescript: { rewriteImportExtensions: true } });
    const [error] = result.errors;
    if (error)
      throw new StepLabError(
        "model/code-missing",
        `"${module}" does not compile: ${error.message}`,
      );
    code = result.code;
  }
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), code);
  return { module, file, digest: digestOf(code) };
}

/** @returns the module's path, its bytes being what the bundle was made with */
function verified(root: string, file: string, digest: string): string {
  const path = resolve(root, file);
  const isInside = path.startsWith(`${join(root, "modules")}${sep}`);
  if (isInside && existsSync(path) && digestOf(readFileSync(path)) === digest) return path;
  throw new StepLabError("model/damaged", `"${file}" of the bundle is missing or was changed.`, {
    hint: "Take the bundle's folder again from the run that made it.",
  });
}

const bundles = new Set<string>();

/**
 * A bundle may lie anywhere, also where no node_modules is above it. Its packages are looked for beside it first
 * (`npm install` in its folder), then where steplab lies, then in the working directory.
 */
function resolveBarePackages(root: string): void {
  const first = bundles.size === 0;
  bundles.add(`${pathToFileURL(root).href}/`);
  if (!first) return;
  registerHooks({
    resolve(specifier, context, next) {
      const parent = context.parentURL ?? "";
      const isOurs = [...bundles].some((bundle) => parent.startsWith(bundle));
      if (!isOurs || /^(?:\.|\/|node:|file:)/.test(specifier)) return next(specifier, context);
      const here = import.meta.url;
      const project = pathToFileURL(join(process.cwd(), "package.json")).href;
      const parents = specifier === SHIPPED_MODULE ? [here] : [parent, here, project];
      for (const parentURL of parents) {
        try {
          return next(specifier, { ...context, parentURL });
        } catch {
          // Not there; the next place, or the error below, which names what is missing.
        }
      }
      throw new StepLabError(
        "model/package-missing",
        `The bundle needs the package "${specifier}".`,
        {
          hint: `Run npm install in ${root}, or install it here.`,
        },
      );
    },
  });
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Which code a transformer is: its module, by a name that a stored model can keep, and the digest of that code. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { closureOf, type Closure } from "../../core/closure.ts";
import { digestOfJson, type Digest } from "../../core/digest.ts";
import { StepLabError } from "../../core/error.ts";
import { SHIPPED } from "./shipped/index.ts";
import type { AnyDefinition } from "./types.ts";

/** What a stored model says of a step's code. */
export interface CodeIdentity {
  /** Relative to the project root, forward slashes; `"steplab"` for the transformers that ship with it. */
  module: string;
  /** Of the module and all project modules it imports, without comments: prose may change, code may not. */
  code: Digest;
}

/** The name under which shipped transformers' code goes: it is where users import them from. */
export const SHIPPED_MODULE = "steplab";

const SHIPPED_FOLDER = fileURLToPath(new URL("shipped/", import.meta.url));

/** @throws StepLabError `model/no-module` when nobody could find the code again */
export function identityOf(definition: AnyDefinition, projectRoot: string): CodeIdentity {
  if (definition.module.startsWith(SHIPPED_FOLDER)) return shippedIdentity(definition.module);
  // Node names modules by their real path; the project may be reached through a link.
  const isThere = existsSync(definition.module);
  const path = relative(realpathSync(projectRoot), definition.module);
  if (!isThere || path.startsWith("..")) {
    throw new StepLabError(
      "model/no-module",
      `Transformer "${definition.name}" is defined in ${definition.module === "" ? "no file" : `"${path}"`}, ` +
        "which is no module of the project: a stored model could not find its code again.",
      {
        hint: "Move it into a .ts file beside the notebooks, export it, and import it from there.",
      },
    );
  }
  const module = path.split(sep).join("/");
  return { module, code: projectClosure(module, projectRoot).digest };
}

/** The project's modules behind a module; all of them inside the project. */
export function projectClosure(module: string, projectRoot: string): Closure {
  const closure = closureOf([join(projectRoot, module)], { root: projectRoot });
  const outside = closure.files.find(({ path }) => path.startsWith("../"));
  if (outside !== undefined) {
    throw new StepLabError(
      "model/no-module",
      `"${module}" imports "${outside.path}", which lies outside the project.`,
      { hint: "Move it into the project: a stored model must find all of its code there." },
    );
  }
  return closure;
}

/**
 * The definition of that name in a module of the project, its code being that of `identity`.
 *
 * @throws StepLabError `model/code-missing`, `model/code-changed`
 */
export async function findDefinition(
  name: string,
  identity: CodeIdentity,
  projectRoot: string,
): Promise<AnyDefinition> {
  if (identity.module === SHIPPED_MODULE) return findShipped(name, identity);
  const path = resolve(projectRoot, identity.module);
  const isThere = existsSync(path) && !relative(projectRoot, path).startsWith("..");
  if (!isThere) {
    throw new StepLabError(
      "model/code-missing",
      `The model's transformer "${name}" stands in "${identity.module}", and the project has no such module.`,
      { hint: "Bring the module back (git knows it), or train again." },
    );
  }
  const { digest } = projectClosure(identity.module, projectRoot);
  if (digest !== identity.code) throw codeChanged(name, identity, digest);
  return definitionIn(await importFile(path), name, identity.module);
}

/** The exported transformer of that name. @throws StepLabError `model/no-module` */
export function definitionIn(exports: object, name: string, module: string): AnyDefinition {
  for (const value of Object.values(exports)) {
    const definition: unknown = isFactory(value) ? value.definition : undefined;
    if (isDefinition(definition) && definition.name === name) return definition;
  }
  throw new StepLabError(
    "model/no-module",
    `"${module}" exports no transformer called "${name}".`,
    { hint: `Export what transformer({ name: "${name}", … }) gives.` },
  );
}

/** Imports a module by its path. The kernel's hooks give it the same epoch as the notebook's own import of it. */
export async function importFile(path: string): Promise<object> {
  return (await import(pathToFileURL(path).href)) as object; // a module's exports
}

export function codeChanged(name: string, identity: CodeIdentity, now: Digest): StepLabError {
  return new StepLabError(
    "model/code-changed",
    `The model was fitted with other code: transformer "${name}" of "${identity.module}" was ${identity.code} and is now ${now}.`,
    {
      hint: "Train again with the present code, or go back to the commit that the model's run names.",
    },
  );
}

/** Versions of packages as they are installed for `importer`; those that are not installed are left out. */
export function packageVersions(
  names: readonly string[],
  importer: string,
): Record<string, string> {
  const versions: Record<string, string> = {};
  for (const name of names) {
    for (let folder = dirname(importer); ; folder = dirname(folder)) {
      const manifest = join(folder, "node_modules", name, "package.json");
      if (existsSync(manifest)) {
        const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version?: string }; // npm's own file
        if (version !== undefined) versions[name] = version;
        break;
      }
      if (folder === dirname(folder)) break;
    }
  }
  return versions;
}

/** Only the transformers themselves count, not the machinery they share with every other: that belongs to steplab's version. */
function shippedIdentity(path: string): CodeIdentity {
  const { files } = closureOf([path], { root: SHIPPED_FOLDER });
  const own = files.filter((file) => !file.path.startsWith("../"));
  return { module: SHIPPED_MODULE, code: digestOfJson(own) };
}

function findShipped(name: string, identity: CodeIdentity): AnyDefinition {
  const definition = SHIPPED.find((shipped) => shipped.name === name);
  if (definition === undefined) {
    throw new StepLabError(
      "model/code-missing",
      `The model needs "${name}", and this steplab ships no such transformer.`,
      { hint: "Load it with the steplab that trained it, or train again." },
    );
  }
  const { code } = shippedIdentity(definition.module);
  if (code !== identity.code) throw codeChanged(name, identity, code);
  return definition;
}

function isFactory(value: unknown): value is { definition: unknown } {
  return typeof value === "function" && "definition" in value;
}

function isDefinition(value: unknown): value is AnyDefinition {
  return typeof value === "object" && value !== null && "fit" in value && "apply" in value;
}

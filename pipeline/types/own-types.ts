/**
 * "steplab" and Node's types as the compiler finds them from a project.
 *
 * Where the project has them installed, this is nothing. Where it has not (steplab is a global one, or JupyterLab opened
 * a lone notebook), the kernel gives a notebook its own "steplab", and the compiler must see the same one: as packages
 * that exist only in its file system, so that the project's own `paths` and `types` stay as they are.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { foldersUpwards } from "../../core/installed-packages.ts";
import { FROM_SOURCE, ownModule, SOURCE_CONDITION, STEPLAB_ROOT } from "../../core/own-sources.ts";

/** Compiler options: a checkout's exports lead to its sources under a condition. */
export const OWN_TYPES_OPTIONS = FROM_SOURCE ? { customConditions: [SOURCE_CONDITION] } : {};

const ENTRIES = { ".": "stage/index", "./testing": "runner/testing", "./runner": "runner/index" };

/** Files to add to what the compiler sees, by absolute path. */
export function ownTypes(root: string): Map<string, string> {
  const files = new Map<string, string>();
  if (!isInstalled(root, "steplab")) {
    const folder = join(root, "node_modules", "steplab");
    const exports: Record<string, string> = {};
    for (const [name, module] of Object.entries(ENTRIES)) {
      const file = `./${module.replace("/", "-")}.d.ts`;
      exports[name] = file;
      files.set(join(folder, file), `export * from ${JSON.stringify(ownModule(module))};\n`);
    }
    files.set(join(folder, "package.json"), manifest("steplab", { type: "module", exports }));
  }
  if (!isInstalled(root, "@types/node")) {
    const folder = join(root, "node_modules", "@types", "node");
    const types = createRequire(STEPLAB_ROOT).resolve("@types/node/index.d.ts");
    files.set(join(folder, "package.json"), manifest("@types/node", { types: "index.d.ts" }));
    files.set(join(folder, "index.d.ts"), `/// <reference path=${JSON.stringify(types)} />\n`);
  }
  return files;
}

/** The folders that such files need to be found. */
export function foldersOf(files: Iterable<string>): Set<string> {
  const folders = new Set<string>();
  for (const file of files)
    for (let folder = dirname(file); !folders.has(folder); folder = dirname(folder))
      folders.add(folder);
  return folders;
}

/** Installed where Node looks from the project, or the project itself: steplab's own repository. */
function isInstalled(root: string, name: string): boolean {
  const isOwn = name === "steplab" && join(root, "/") === STEPLAB_ROOT;
  return (
    isOwn ||
    foldersUpwards(root).some((folder) =>
      existsSync(join(folder, "node_modules", name, "package.json")),
    )
  );
}

function manifest(name: string, rest: object): string {
  return JSON.stringify({ name, version: "0.0.0", ...rest });
}

/** A project in a temporary folder, as a user would have it: documents, notebooks, modules, and "steplab" installed. */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeNotebook, type Notebook } from "../../core/notebook/index.ts";

/** Where this repository lies: what `node_modules/steplab` leads to. */
export const repositoryRoot = fileURLToPath(new URL("../..", import.meta.url));

export interface Project extends AsyncDisposable {
  /** Absolute path. */
  readonly root: string;
  /** What is closed with the project, before its folder goes. */
  readonly owned: AsyncDisposableStack;
  path(relative: string): string;
  read(relative: string): Promise<string>;
  /** Writes a file, and the folders it needs. */
  write(relative: string, content: string | Uint8Array | Notebook): Promise<void>;
  remove(relative: string): Promise<void>;
}

/** Makes the files given, by path relative to the root. Removed when disposed: `await using project = await makeProject({…})`. */
export async function makeProject(
  files: Record<string, string | Uint8Array | Notebook>,
): Promise<Project> {
  const root = await mkdtemp(join(tmpdir(), "steplab-test-"));
  const project: Project = {
    root,
    owned: new AsyncDisposableStack(),
    path: (relative) => join(root, relative),
    read: (relative) => readFile(join(root, relative), "utf8"),
    async write(relative, content) {
      await mkdir(dirname(join(root, relative)), { recursive: true });
      await writeFile(join(root, relative), bytesOf(content));
    },
    remove: (relative) => rm(join(root, relative), { recursive: true, force: true }),
    async [Symbol.asyncDispose]() {
      await project.owned.disposeAsync();
      await rm(root, { recursive: true, force: true });
    },
  };
  await linkPackages(root);
  for (const [relative, content] of Object.entries(files)) await project.write(relative, content);
  return project;
}

/** "steplab" and what its users import beside it; links, so that a project is made in milliseconds. */
async function linkPackages(root: string): Promise<void> {
  const modules = join(root, "node_modules");
  await mkdir(join(modules, "@types"), { recursive: true });
  await symlink(repositoryRoot, join(modules, "steplab"), "dir");
  for (const name of ["zod", "arquero", "@types/node"]) {
    const installed = join(repositoryRoot, "node_modules", name);
    if (existsSync(installed)) await symlink(installed, join(modules, name), "dir");
  }
  await writeFile(join(root, "package.json"), `{ "name": "test-project", "type": "module" }\n`);
}

function bytesOf(content: string | Uint8Array | Notebook): string | Uint8Array {
  return typeof content === "object" && "cells" in content ? writeNotebook(content) : content;
}

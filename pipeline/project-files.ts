/** Which files of a project lint looks at: notebooks, modules, tests. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Never looked into: installed packages, what runs made, version control, and whatever hides behind a dot. */
const SKIPPED = new Set(["node_modules", "runs", "dist", "coverage"]);

export interface ProjectFiles {
  /** `.ipynb`, templates left out. */
  notebooks: string[];
  /** TypeScript, JavaScript and JSON that notebooks may import; tests among them. */
  modules: string[];
  tests: string[];
  templates: string[];
}

/** Paths relative to the root, with forward slashes, sorted. */
export function listProjectFiles(root: string): ProjectFiles {
  const files: ProjectFiles = { notebooks: [], modules: [], tests: [], templates: [] };
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (entry.name.startsWith(".")) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) visit(path);
      } else if (entry.name.endsWith(".ipynb")) {
        (folder === "templates" ? files.templates : files.notebooks).push(path);
      } else if (/\.(?:[cm]?[jt]s|json)$/.test(entry.name)) {
        files.modules.push(path);
        if (/\.test\.[cm]?[jt]s$/.test(entry.name)) files.tests.push(path);
      }
    }
  };
  visit("");
  for (const list of Object.values(files)) (list as string[]).sort(); // all four are lists of paths
  return files;
}

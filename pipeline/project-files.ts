/** Which files of a project lint looks at: notebooks, modules, tests. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Installed packages are the lockfile's; whatever hides behind a dot is not looked at either. */
const SKIPPED = "node_modules";
/** At the root only: what runs, builds and tests made. Deeper, a folder may be called anything. */
const SKIPPED_AT_ROOT = new Set(["runs", "dist", "coverage"]);

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
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    // A folder with a PIPELINE.md of its own is another project: an example, a test's.
    if (folder !== "" && entries.some(({ name }) => name === "PIPELINE.md")) return;
    for (const entry of entries) {
      if (entry.name.startsWith(".")) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== SKIPPED && !SKIPPED_AT_ROOT.has(path)) visit(path);
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

#!/usr/bin/env node
// Compiles the rooms into dist/, as the package holds them: JavaScript and type declarations, mirroring the sources;
// and JupyterLab's extension into dist/lab/labextension.
// `npm pack` runs it (prepack). A checkout never runs what lies there: `bin/steplab.js` prefers sources.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const compiler = join(root, "node_modules", "typescript", "bin", "tsc");

if (!existsSync(compiler)) {
  process.stderr.write("The packages are not installed yet. Run: npm ci\n");
  process.exit(2);
}
rmSync(join(root, "dist"), { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: ["ignore", 2, 2], // standard output is npm's: `npm pack --json`
});
if (status !== 0) process.exit(1);
// What the compiler does not carry over.
for (const file of [
  "kernel/boot.js",
  "kernel/registered.js",
  "kernel/logo-svg.svg",
  "jupyter/requirements.txt",
])
  cpSync(join(root, file), join(root, "dist", file));

const extension = spawnSync(process.execPath, [join(root, "bin", "build-lab.js")], {
  stdio: ["ignore", 2, 2],
});
if (extension.status !== 0) process.exit(1);
cpSync(join(root, "lab", "labextension"), join(root, "dist", "lab", "labextension"), {
  recursive: true,
});

#!/usr/bin/env node
// Builds JupyterLab's extension, the package in lab/, into lab/labextension: what `share/jupyter/labextensions/steplab` holds.
// With npm alone: its own packages first (455 MB, none of which steplab itself needs), its compiler, Jupyter's bundler.
// Does nothing when nothing changed. Plain JavaScript, as bin/setup.js, which must have run: its types are of the rooms.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lab = join(root, "lab");
const packages = join(lab, "node_modules");
const built = join(lab, "labextension");
const installStamp = join(packages, ".steplab-installed");
const buildStamp = join(packages, ".steplab-built");

function say(text) {
  process.stderr.write(`${text}\n`); // standard output is npm's: `npm pack --json`
}

function digestOf(paths) {
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}`);
  for (const path of paths) hash.update(path).update("\0").update(readFileSync(path)).update("\0");
  return hash.digest("hex");
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const isStamped = (stamp, want) => existsSync(stamp) && readFileSync(stamp, "utf8") === want;

/** Runs a step; what it says is shown only when it fails. */
function step(what, command, words, options) {
  const done = spawnSync(command, words, { cwd: lab, encoding: "utf8", ...options });
  if (done.status === 0) return;
  say(`${done.stdout ?? ""}${done.stderr ?? ""}${done.error?.message ?? ""}`);
  say(`${what} failed; its words are above.`);
  process.exit(1);
}

function install() {
  const want = digestOf([join(lab, "package-lock.json")]);
  if (isStamped(installStamp, want)) return;
  say(
    "Installing what JupyterLab's extension is built with into lab/node_modules (once, about a minute) …",
  );
  const npm = process.env.npm_execpath;
  const words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  // An `npm pack --dry-run` or `npm --prefix` around us is about the package, not about this folder.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^npm_(config_(dry_run|prefix|local_prefix|global|json|pack_destination)|package_|lifecycle_)/i.test(
          name,
        ),
    ),
  );
  env.npm_config_update_notifier = "false";
  if (npm !== undefined && /\.[cm]?js$/.test(npm))
    step("npm ci", process.execPath, [npm, ...words], { env });
  else step("npm ci", "npm", words, { env, shell: process.platform === "win32" });
  writeFileSync(installStamp, want);
}

/** The extension is compiled against the service's protocol, and carries the version of steplab. */
function inputs() {
  const own = ["package.json", "package-lock.json", "tsconfig.json"].map((name) => join(lab, name));
  const folders = [join(lab, "src"), join(lab, "style"), join(lab, "schema")];
  const protocol = ["core", "lineage", "pipeline", "runner"].map((room) => join(root, room));
  return [
    fileURLToPath(import.meta.url),
    ...own,
    ...folders.flatMap(filesIn),
    ...protocol.flatMap(filesIn).filter((path) => path.endsWith(".ts")),
  ];
}

install();
const want = digestOf(inputs());
if (isStamped(buildStamp, want) && existsSync(join(built, "package.json"))) process.exit(0);
rmSync(buildStamp, { force: true });
rmSync(join(lab, "lib"), { recursive: true, force: true });
step("The compiler", process.execPath, [join(packages, "typescript", "bin", "tsc")]);
rmSync(built, { recursive: true, force: true });
step("Jupyter's builder", process.execPath, [
  join(packages, "@jupyter", "builder", "lib", "build-labextension.js"),
  "--core-package-file",
  join(packages, "@jupyterlab", "core-meta", "core.package.json"),
  ".",
]);
writeFileSync(buildStamp, want);

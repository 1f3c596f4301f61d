#!/usr/bin/env node
// Sets up a fresh clone with nothing but Node 18+ and npm: packages (the right Node among them), example data.
// Plain JavaScript, no dependency: it runs before there is anything else.
//   node bin/setup.js                   set up
//   node bin/setup.js --run             set up, run the example's pipeline (npm start)
//   node bin/setup.js -- command …      set up, then the command with the project's own Node and tools on PATH
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, "node_modules", ".bin");
const stamp = join(root, "node_modules", ".steplab-setup");
const sample = join(root, "..", "shared", "data", "nyc-listings-sample1.csv");
const listings = join(root, "data", "listings.csv");

function say(text) {
  process.stderr.write(`${text}\n`);
}

/** What the installed packages must be of: the lockfile, and the machine's kind. */
function wanted() {
  const lock = readFileSync(join(root, "package-lock.json"));
  return createHash("sha256")
    .update(lock)
    .update(`${process.platform}-${process.arch}`)
    .digest("hex");
}

function install() {
  const want = wanted();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === want) return;
  say("Setting up: installing packages and Node 26 into node_modules (once, about a minute) …");
  const started = Date.now();
  const npm = process.env.npm_execpath;
  const words = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const options = {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, npm_config_update_notifier: "false" },
  };
  const done =
    npm !== undefined && /\.[cm]?js$/.test(npm)
      ? spawnSync(process.execPath, [npm, ...words], options)
      : spawnSync("npm", words, { ...options, shell: process.platform === "win32" });
  if (done.status !== 0) {
    say(`${done.stdout ?? ""}${done.stderr ?? ""}`);
    say(
      "npm could not install the packages; its words are above. Check the network and the registry settings, then run the same command again.",
    );
    process.exit(1);
  }
  writeFileSync(stamp, want);
  say(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
}

/** The project's own Node, or the running one where npm has none for this platform. */
function node() {
  const own = join(bin, process.platform === "win32" ? "node.cmd" : "node");
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  say(
    `There is no Node 26 package for ${process.platform}-${process.arch}, and this Node is ${process.versions.node}. Install Node 24 or newer from nodejs.org.`,
  );
  process.exit(2);
}

/** data/listings.csv, which PIPELINE.md reads: the real sample where it lies beside the project, else the project's own. */
function fillData() {
  if (existsSync(listings)) return;
  mkdirSync(dirname(listings), { recursive: true });
  const temporary = `${listings}.tmp`;
  if (existsSync(sample)) {
    writeFileSync(temporary, readFileSync(sample)); // not a copy of its mode: the sample may be read-only
    say("data/listings.csv: the real sample (20,000 listings of New York, 2019).");
  } else {
    const made = spawnSync(node(), [join(root, "notebooks", "sample", "generate.ts"), temporary], {
      cwd: root,
      encoding: "utf8",
    });
    if (made.status !== 0) {
      say(`data/listings.csv could not be generated:\n${made.stderr}`);
      process.exit(1);
    }
    say(
      "data/listings.csv: a generated sample (20,000 rows, seeded, same columns as the real one).",
    );
  }
  renameSync(temporary, listings);
}

function run(command, words) {
  const path = `${bin}${delimiter}${process.env.PATH ?? ""}`;
  const child = spawn(command, words, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, PATH: path },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal); // the terminal sends Ctrl-C to the child itself
    });
  }
  child.once("error", (error) => {
    say(error.message);
    process.exit(1);
  });
  child.once("exit", (code, signal) =>
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0)),
  );
}

install();
fillData();
const dashes = process.argv.indexOf("--");
if (process.argv.includes("--run") && dashes < 0) {
  run(node(), [
    join(root, "cli", "main.ts"),
    "run",
    ...process.argv.slice(2).filter((word) => word !== "--run"),
  ]);
} else if (dashes >= 0) {
  const [command, ...words] = process.argv.slice(dashes + 1);
  const script = /\.[cm]?[jt]s$/.test(words[0] ?? "");
  // A script of the checkout that imports "steplab" means its sources, as a notebook here does.
  if (command === "node" && script) run(node(), ["--conditions=steplab-source", ...words]);
  else run(join(bin, command), words);
}

#!/usr/bin/env node
// The whole truth about the checkout, fastest first; fails on the first that fails (STYLE, "Commits and tools").
// Ends with one plain line: N passed, N failed.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, "node_modules", ".bin", name);
const folder = mkdtempSync(join(tmpdir(), "steplab-check-"));
const report = join(folder, "tests.json");

/** @type {[name: string, command: string, words: string[]][]} */
const STEPS = [
  ["format", bin("oxfmt"), ["--check", "."]],
  ["lint", bin("oxlint"), ["--type-aware", "--deny-warnings", "."]],
  ["types", bin("tsc"), ["--noEmit"]],
  ["extension", process.execPath, [join(root, "bin", "build-lab.js")]],
  [
    "extension's lint", // after its packages are there: it is linted with their types
    bin("oxlint"),
    ["--type-aware", "--deny-warnings", "-c", join(root, "lab", "oxlint.json"), join(root, "lab")],
  ],
  [
    "layers and links",
    bin("vitest"),
    ["run", "--reporter=dot", "test/layers.test.ts", "test/links.test.ts"],
  ],
  ["steplab lint", process.execPath, [join(root, "bin", "steplab.js"), "lint"]],
  [
    "package",
    bin("vitest"),
    ["run", "--reporter=default", "--config", "test/package/vitest.config.ts"],
  ],
  [
    "documents",
    bin("vitest"),
    ["run", "--reporter=default", "--config", "test/documents/vitest.config.ts"],
  ],
  ["lab", bin("vitest"), ["run", "--reporter=default", "--config", "test/lab/vitest.config.ts"]],
  [
    "tests",
    "npm",
    // Once more where one fails, and named as such: some 40,000 processes are started, and once in a while the machine takes one.
    [
      "test",
      "--",
      "--retry=1",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ],
  ],
];

function fail(step) {
  process.stdout.write(`\n${step} failed\n0 passed, 1 failed\n`);
  process.exit(1);
}

for (const [name, command, words] of STEPS) {
  process.stdout.write(
    `\n== ${name}: ${[command.split(/[/\\]/).at(-1), ...words.map((word) => word.replace(`${root}/`, ""))].join(" ")}\n`,
  );
  const started = Date.now();
  const done = spawnSync(command, words, {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (done.status !== 0 && name !== "tests") fail(name);
  if (name === "tests") {
    let tests;
    try {
      tests = JSON.parse(readFileSync(report, "utf8"));
    } catch {
      fail(name);
    }
    rmSync(folder, { recursive: true, force: true });
    process.stdout.write(
      `${((Date.now() - started) / 1000).toFixed(1)} s\n${tests.numPassedTests} passed, ${tests.numFailedTests} failed\n`,
    );
    process.exit(done.status ?? 1);
  }
  process.stdout.write(`${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

import { defineConfig } from "vitest/config";

/** What this repository and the projects of its tests import as "steplab" is the source, not what was packed last. */
const SOURCE = "steplab-source";

export default defineConfig({
  resolve: { conditions: [SOURCE] },
  ssr: { resolve: { conditions: [SOURCE], externalConditions: [SOURCE] } },
  test: {
    execArgv: [`--conditions=${SOURCE}`],
    include: ["test/**/*.test.ts"],
    exclude: ["test/package/**"], // a step of its own in bin/check.js
    // Real kernels on a busy machine: a limit against hangs, not a measure of speed.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    // By default vitest leaves one core alone, which on two cores is half of the machine.
    maxWorkers: "100%",
    // What kernels and the command line fix too: dates and numbers read the same everywhere.
    env: { TZ: "UTC", NO_COLOR: "1" },
  },
});

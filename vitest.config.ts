import { relative } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What this repository and the projects of its tests import as "steplab" is the source, not what was packed last. */
const SOURCE = "steplab-source";

/** Files of half a minute on a quiet machine: begun last, one of them would leave all cores but one idle. */
const LONGEST = [
  "test/example/story.test.ts",
  "test/runner/interrupted.test.ts",
  "test/runner/service.test.ts",
  "test/runner/cache.test.ts",
  "test/runner/sources.test.ts",
  "test/runner/graph.test.ts",
  "test/pipeline/lint-session.test.ts",
  "test/runner/bad-input.test.ts",
  "test/cli/json.test.ts",
];

/** The longest first, also in a fresh clone: vitest knows durations from the last run, and without one goes by the size of the files. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.indexOf(relative(import.meta.dirname, moduleId).replaceAll("\\", "/"));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  resolve: { conditions: [SOURCE] },
  ssr: { resolve: { conditions: [SOURCE], externalConditions: [SOURCE] } },
  test: {
    execArgv: [`--conditions=${SOURCE}`],
    include: ["test/**/*.test.ts"],
    exclude: ["test/documents/**", "test/package/**", "test/lab/**"], // steps of their own in bin/check.js
    // Real kernels on a busy machine: a limit against hangs, not a measure of speed.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    // What runs for real does so in processes of its own. A worker a file would load the same modules 130 times, for 20 s.
    isolate: false,
    // By default vitest leaves one core alone, which on two cores is half of the machine.
    maxWorkers: "100%",
    sequence: { sequencer: LongestFirst },
    // What kernels and the command line fix too: dates and numbers read the same everywhere.
    env: { TZ: "UTC", NO_COLOR: "1" },
  },
});

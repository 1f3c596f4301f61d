/** The real JupyterLab in a real browser: `npm run test:lab`. Needs Python 3 and Chromium, and fails where it has not got them. */
import { defineConfig } from "vitest/config";

const SOURCE = "steplab-source";

export default defineConfig({
  resolve: { conditions: [SOURCE] },
  ssr: { resolve: { conditions: [SOURCE], externalConditions: [SOURCE] } },
  test: {
    execArgv: [`--conditions=${SOURCE}`],
    include: ["test/lab/**/*.test.ts"],
    globalSetup: ["test/lab/set-up.ts"],
    // Servers, browsers and kernels on a busy machine: limits against hangs, not measures of speed.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    // JupyterLab itself is not always as fast as its own scripts expect. What fails twice is ours; vitest says what it tried again.
    retry: 1,
    pool: "forks",
    // A browser, a server and a kernel at a time are what two cores bear.
    maxWorkers: 1,
    env: { TZ: "UTC", NO_COLOR: "1" },
  },
});

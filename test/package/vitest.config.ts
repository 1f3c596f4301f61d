/** The packed file as users get it: a step of `npm run check` of its own, because it installs from the registry. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/package/**/*.test.ts"],
    globalSetup: ["test/package/set-up.ts"],
    fileParallelism: false,
    // npm fetches what it has not kept from earlier; a limit against hangs, not a measure of speed.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    bail: 1,
    env: { NO_COLOR: "1" },
  },
});

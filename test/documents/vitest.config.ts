/** README and docs/ are run as they are read: `npm run test:docs`, a step of `npm run check` of its own. */
import { defineConfig } from "vitest/config";
import common from "../../vitest.config.ts";

export default defineConfig({
  ...common,
  test: { ...common.test, include: ["test/documents/**/*.test.ts"], exclude: [] },
});

import { globSync, readFileSync, existsSync } from "node:fs";
import { expect, test } from "vitest";
import { ownModule, ownSources, STEPLAB_ROOT } from "../../core/own-sources.ts";
import { repositoryRoot } from "../rig/project.ts";

test("steplab's own modules and templates are found by name", () => {
  expect(STEPLAB_ROOT).toBe(repositoryRoot);
  expect(existsSync(ownModule("pipeline/declare/child"))).toBe(true);
  const names = ownSources(["core", "templates"]).map(({ name }) => name);
  expect(names).toContain("core/own-sources.ts");
  expect(names).toContain("templates/process.ipynb");
});

// In the package they are .js: a compiler rewrites imports, and no other text.
test("no module names another by an address that ends in .ts", () => {
  const named = globSync("{core,lineage,stage,pipeline,kernel,runner,cli}/**/*.ts", {
    cwd: repositoryRoot,
  }).filter((file) =>
    /(?:new URL|resolve)\(\s*["'`][^"'`]*(?<!\.d)\.ts["'`]/.test(
      readFileSync(`${repositoryRoot}/${file}`, "utf8"),
    ),
  );
  expect(named).toEqual([]);
});

/** Packages that no lockfile beside the project pins: linked ones, a workspace's, installed ones. All of them are part of keys. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { archiveOf } from "../../lineage/archive.ts";
import { FileFacts } from "../../runner/file-facts.ts";
import { Lockfile, type PackageFacts } from "../../runner/key/lockfile.ts";
import { runProject } from "../rig/run.ts";
import { stepProject } from "../rig/steps.ts";

test("a linked package that is edited changes contracts and keys, although no lockfile says so", async () => {
  await using shared = await stepProject({});
  const write = async (unit: string): Promise<void> => {
    await shared.write(
      "index.js",
      `import { z } from "zod";\nexport const N = z.int().meta({ unit: "${unit}" }).${unit}();\n`,
    );
  };
  await shared.write(
    "package.json",
    `{ "name": "@my/shared", "version": "1.0.0", "type": "module", "exports": "./index.js", "types": "./index.d.ts" }`,
  );
  await shared.write("index.d.ts", `import { z } from "zod";\nexport declare const N: z.ZodInt;\n`);
  await write("positive");
  await using project = await stepProject({
    make: {
      imports: `import { z, a, parameters, inputs, outputs } from "steplab";\nimport { N } from "@my/shared";`,
      outputs: "const output = outputs({ n: a.json(N) });",
      body: "await output.n.write(3);",
    },
  });
  mkdirSync(project.path("node_modules/@my"));
  symlinkSync(shared.root, project.path("node_modules/@my/shared"), "dir");
  expect((await runProject(project)).statuses).toEqual({ make: "succeeded" });
  expect((await runProject(project)).statuses).toEqual({ make: "cached" });
  await write("negative");
  const ran = await runProject(project);
  expect(ran.statuses).toEqual({ make: "failed" });
  expect(ran.reasons["make"]).toMatch(/^package @my\/shared: /);
});

describe("without a lockfile of its own, a project rests on", () => {
  let root: string;
  beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "steplab-packages-"))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, content: object): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), JSON.stringify(content));
  };
  const install = (
    path: string,
    version: string,
    dependencies: Record<string, string> = {},
  ): void =>
    write(`${path}/package.json`, {
      name: path.split("node_modules/").at(-1),
      version,
      dependencies,
    });
  const closureOf = (project: string, ...names: string[]): PackageFacts =>
    new Lockfile(join(root, project)).closure(names, new FileFacts(archiveOf(join(root, project))));

  test("the lockfile of its workspace, its own folder first", () => {
    write("packages/prices/package.json", { name: "prices" });
    write("package-lock.json", {
      packages: {
        "": { name: "all", workspaces: ["packages/*"] },
        "packages/prices": { name: "prices", dependencies: { a: "*", b: "*" } },
        "packages/prices/node_modules/a": {
          version: "2.0.0",
          integrity: "sha512-a2",
          dependencies: { b: "*" },
        },
        "node_modules/a": { version: "1.0.0", integrity: "sha512-a1" },
        "node_modules/b": { version: "1.0.0", integrity: "sha512-b1" },
      },
    });
    expect(closureOf("packages/prices", "a")).toEqual({
      locked: true,
      packages: { "packages/prices/node_modules/a": "2.0.0 sha512-a2", b: "1.0.0 sha512-b1" },
    });
  });

  test("no lockfile of strangers above it", () => {
    write("package-lock.json", { packages: { "": {}, "node_modules/a": { version: "9.0.0" } } });
    install("prices/node_modules/a", "1.0.0");
    expect(closureOf("prices", "a")).toEqual({
      locked: false,
      packages: { a: "1.0.0 (installed)" },
    });
  });

  test("what is installed, what that needs, and both of two versions", () => {
    install("prices/node_modules/a", "1.0.0", { b: "*" });
    install("prices/node_modules/a/node_modules/b", "2.0.0");
    install("node_modules/b", "1.0.0");
    expect(closureOf("prices", "b", "a").packages).toEqual({
      a: "1.0.0 (installed)",
      b: "2.0.0 (installed)",
      "b@1.0.0": "1.0.0 (installed)",
    });
  });
});

/** docs/reference/ is what the code says, and the code says something of everything it exports. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../cli/main.ts";
import { STEPLAB_ROOT } from "../core/own-sources.ts";
import { exportsOf } from "./rig/reference/declarations.ts";
import { referencePages } from "./rig/reference/index.ts";

const FOLDER = join(STEPLAB_ROOT, "docs", "reference");
const pages = await referencePages();

describe("docs/reference (npm test -- test/reference.test.ts -u writes it)", () => {
  test.each(Object.keys(pages))("%s is what the code says", async (name) => {
    await expect(pages[name]).toMatchFileSnapshot(join(FOLDER, name));
  });

  test("has no page that is made of nothing", () => {
    expect(readdirSync(FOLDER).sort()).toEqual([...Object.keys(pages), "README.md"].sort());
  });
});

test.each(["stage/index.ts", "runner/testing.ts", "runner/index.ts"])(
  "everything that %s exports has a doc comment",
  (entry) => {
    const bare = exportsOf(join(STEPLAB_ROOT, entry)).filter(({ doc }) => doc === "");
    expect(bare.map(({ name }) => name)).toEqual([]);
  },
);

test("every example in a doc comment parses", () => {
  const entries = ["stage/index.ts", "runner/testing.ts", "runner/index.ts"];
  const exported = entries.flatMap((entry) => exportsOf(join(STEPLAB_ROOT, entry)));
  const wrong = exported.flatMap(({ name, doc }) => {
    const examples = doc.match(/(?:^ {4}.*\n?)+/gm) ?? [];
    return examples.flatMap((example) => {
      const { errors } = parseSync("example.ts", example, { sourceType: "module" });
      return errors.map(({ message }) => `${name}: ${message}`);
    });
  });
  expect(wrong).toEqual([]);
});

test.each(Object.keys(COMMANDS))("steplab %s --help names every option it takes", async (name) => {
  const { command } = (await COMMANDS[name]?.()) ?? {};
  const missing = Object.keys(command?.options ?? {}).filter(
    (option) => !command?.help.includes(`--${option}`),
  );
  expect(missing).toEqual([]);
});

test("docs/reference/README.md names every environment variable of ours", () => {
  const rooms = ["cli", "core", "kernel", "lineage", "pipeline", "runner", "stage"];
  const sources = globSync(`{${rooms.join(",")}}/**/*.{ts,js}`, { cwd: STEPLAB_ROOT });
  const read = sources.flatMap((path) => [
    ...readFileSync(join(STEPLAB_ROOT, path), "utf8").matchAll(
      /env(?:ironment)?\["(STEPLAB_\w+)"\]/g,
    ),
  ]);
  const page = readFileSync(join(FOLDER, "README.md"), "utf8");
  const told = page.matchAll(/^\| `(STEPLAB_\w+)`/gm);
  expect(new Set([...told].map(([, name]) => name))).toEqual(new Set(read.map(([, name]) => name)));
});

import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CODES } from "../../core/codes.ts";
import { repositoryRoot } from "../rig/project.ts";

const textOf = (pattern: string): string =>
  globSync(pattern, { cwd: repositoryRoot })
    // What `steplab new` says is typed and tested in test/cli.
    .filter((file) => !file.endsWith("codes.test.ts") && !file.includes("scaffold"))
    .map((file) => readFileSync(`${repositoryRoot}/${file}`, "utf8"))
    .join("\n");

test("every code that lint and the readers give is provoked by a test", () => {
  const sources = textOf("{pipeline,core/notebook}/**/*.ts");
  const tests = textOf("test/{pipeline,notebook}/*.test.ts");
  const given = Object.keys(CODES).filter((code) => sources.includes(`"${code}"`));
  expect(given.length).toBeGreaterThan(40);
  expect(given.filter((code) => !tests.includes(code))).toEqual([]);
});

test("every code is area/what, with a meaning and a remedy that are sentences", () => {
  for (const [code, { meaning, remedy }] of Object.entries(CODES)) {
    expect(code).toMatch(/^[a-z]+\/[a-z-]+$/);
    expect([code, meaning]).toEqual([code, expect.stringMatching(/\.$/)]);
    expect([code, remedy]).toEqual([code, expect.stringMatching(/[.`]$/)]);
  }
});

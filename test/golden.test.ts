/**
 * Golden runs: each folder of test/golden is a project and what its run must leave behind.
 * `npm run golden` writes what it leaves now; read the difference before you commit it.
 */
import { describe, expect, test } from "vitest";
import { goldenNames, readExpected, runGolden } from "./rig/golden.ts";

describe.each(goldenNames())("test/golden/%s", (name) => {
  test("leaves the record, the journal, the notebooks and the words that are expected", async () => {
    const expected = readExpected(name);
    expect(Object.keys(expected)).toContain("run.json");
    expect(await runGolden(name)).toEqual(expected);
  });
});

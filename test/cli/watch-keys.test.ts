/** The keys of `steplab watch`, pressed on a pseudo-terminal. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { KEYS } from "../../cli/print/watch.ts";
import { listRuns } from "../../lineage/query/runs.ts";
import { repositoryRoot, type Project } from "../rig/project.ts";
import { lastRecord } from "../rig/run.ts";
import { MAKE, stepProject, type Step } from "../rig/steps.ts";
import { NO_TERMINAL, openTerminal, type Terminal } from "../rig/terminal.ts";

const COMMAND = `'${process.execPath}' '${join(repositoryRoot, "bin", "steplab.js")}' watch`;
const WAITING = "waiting for changes (? shows the keys)\n";

/** Fails while the file is not there; nobody has declared that it needs it. */
const NEEDS_LUCK: Step = {
  imports: `import { existsSync } from "node:fs";\nimport { z, a, parameters, inputs, outputs, check } from "steplab";`,
  inputs: { n: ["a.json(z.int())", "make.n"] },
  body: `const n = await input.n.read();\nif (!existsSync("luck.txt")) throw new Error("no luck");`,
};
const WAITS: Step = {
  inputs: { n: ["a.json(z.int())", "make.n"] },
  body: "const n = await input.n.read();\nawait new Promise((resolve) => setTimeout(resolve, 600_000 * n));",
};

/** Presses keys and gives what they made it say, up to `end`. */
async function pressed(terminal: Terminal, keys: string, end = WAITING): Promise<string> {
  const { length } = terminal.shown();
  terminal.press(keys);
  await terminal.until((shown) => shown.slice(length).includes(end));
  return terminal.shown().slice(length);
}

const statuses = (project: Project): Record<string, string> =>
  Object.fromEntries(
    Object.entries(lastRecord(project).stages).map(([name, { status }]) => [name, status]),
  );

describe("on a terminal", () => {
  test("each key does what ? says, and one that means nothing does nothing", async (context) => {
    if (NO_TERMINAL !== null) return context.skip(NO_TERMINAL);
    await using project = await stepProject({ make: MAKE, try: NEEDS_LUCK });
    await using terminal = openTerminal(project, COMMAND);
    await terminal.until((shown) => shown.endsWith(WAITING));
    expect(terminal.shown()).toContain("watching steps, 2 stages\n");
    expect(statuses(project)).toEqual({ make: "succeeded", try: "failed" });

    expect(await pressed(terminal, "x?", "archived\n")).toBe(KEYS);

    const findings = await pressed(terminal, "l", "of lint\n");
    expect(findings).toContain("information hygiene/no-test  PIPELINE.md");
    expect(findings).toMatch(/\n\d+ findings of lint\n$/);

    // What failed is not tried again by itself; r tries it.
    const { length } = terminal.shown();
    await project.write("luck.txt", "");
    await terminal.until((shown) => shown.slice(length).includes(WAITING));
    expect(terminal.shown().slice(length)).toBe(`changed  luck.txt\nnothing to run\n${WAITING}`);
    expect(await pressed(terminal, "r")).toMatch(/^try   it ended failed last time\n/);
    expect(statuses(project)).toEqual({ make: "cached", try: "succeeded" });
    expect(await pressed(terminal, "\r")).toBe(`nothing to run\n${WAITING}`);

    const runs = listRuns(project.root).length;
    expect(await pressed(terminal, "f")).toMatch(/^make  forced\n[^]*^try   forced\n/m);
    expect(statuses(project)).toEqual({ make: "succeeded", try: "succeeded" });
    expect(listRuns(project.root)).toHaveLength(runs + 1);

    terminal.press("q");
    expect(await terminal.code).toBe(0);
  });

  test.for([
    { name: "q", key: "q", code: 0 },
    { name: "Ctrl-C", key: "\u0003", code: 130 },
  ])(
    "$name while a stage runs cancels it and archives it: exit code $code",
    async (key, context) => {
      if (NO_TERMINAL !== null) return context.skip(NO_TERMINAL);
      await using project = await stepProject({ make: MAKE, wait: WAITS });
      await using terminal = openTerminal(project, COMMAND);
      await terminal.until((_, drawn) => /running +wait .*const n = await/.test(drawn));
      terminal.press(key.key);
      expect(await terminal.code).toBe(key.code);
      expect(statuses(project)).toEqual({ make: "succeeded", wait: "cancelled" });
    },
  );
});

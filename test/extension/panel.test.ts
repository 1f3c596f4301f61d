import { describe, expect, test } from "vitest";
import { graphRows } from "../../lab/src/pipeline/lanes.ts";
import { textOf, valueOf } from "../../lab/src/pipeline/parameter-input.ts";
import { withEvents } from "../../lab/src/pipeline/run-progress.ts";
import { ago, duration } from "../../lab/src/format.ts";
import { runProject } from "../rig/run.ts";
import { DOUBLE, MAKE, stepProject } from "../rig/steps.ts";

describe("the graph beside the stages", () => {
  test("a chain is one straight line", () => {
    const { rows, lanes } = graphRows([
      { name: "a", needs: [] },
      { name: "b", needs: ["a"] },
      { name: "c", needs: ["b"] },
    ]);
    expect(lanes).toBe(1);
    expect(rows.map(({ lane }) => lane)).toEqual([0, 0, 0]);
    expect(rows.map(({ continues }) => continues)).toEqual([true, true, false]);
    expect(rows.map(({ incoming }) => incoming)).toEqual([[], [0], [0]]);
  });

  test("an output that is read later passes the stages between in a lane of its own", () => {
    const { rows, lanes } = graphRows([
      { name: "data", needs: [] },
      { name: "split", needs: ["data"] },
      { name: "train", needs: ["data", "split"] },
    ]);
    expect(lanes).toBe(2);
    expect(rows[1]).toMatchObject({ lane: 1, incoming: [0], passing: [0], continues: true });
    expect(rows[2]).toMatchObject({ lane: 0, incoming: [0, 1], passing: [], continues: false });
  });

  test("no line is lost, and none runs through a stage that it does not belong to", () => {
    const nodes = Array.from({ length: 40 }, (_, i) => ({
      name: `s${i}`,
      needs: [i - 1, i - 3, i - 7].filter((j) => j >= 0 && (i * j) % 3 !== 1).map((j) => `s${j}`),
    }));
    const { rows, lanes } = graphRows(nodes);
    const lineOf = new Map<number, string>();
    rows.forEach((row, i) => {
      const node = nodes[i];
      expect(row.incoming.map((lane) => lineOf.get(lane) ?? "").toSorted()).toEqual(
        node?.needs.toSorted(),
      );
      const passed = row.passing.map((lane) => lineOf.get(lane));
      expect(passed).not.toContain(undefined);
      expect(row.passing).not.toContain(row.lane);
      for (const lane of row.incoming) if (!row.passing.includes(lane)) lineOf.delete(lane);
      lineOf.delete(row.lane);
      if (row.continues) lineOf.set(row.lane, row.name);
      expect(Math.max(row.lane, ...row.passing)).toBeLessThan(lanes);
    });
    expect(lineOf.size).toBe(0);
  });
});

describe("how far a run has come", () => {
  test("is told by its journal, event by event", async () => {
    await using project = await stepProject({
      make: MAKE,
      double: { ...DOUBLE, checks: 'check("even less than nothing", false);' },
    });
    const { events } = await runProject(project);
    const begun = events.findIndex(({ type }) => type === "cell-started");
    const early = withEvents(null, events.slice(0, begun + 1));
    expect(early?.status).toBeNull();
    expect(early?.stages["make"]).toMatchObject({ status: "running", done: 0 });
    expect(early?.stages["make"]?.title).not.toBe("");
    expect(early?.stages["double"]?.status).toBe("waiting");
    const late = withEvents(early, events.slice(begun + 1));
    expect(late?.status).toBe("failed");
    expect(late?.stages["make"]).toMatchObject({ status: "succeeded", message: null });
    expect(late?.stages["make"]?.done).toBe(late?.stages["make"]?.cells);
    expect(late?.stages["double"]).toMatchObject({
      status: "checks-failed",
      message: '"even less than nothing" failed',
    });
    // All at once or one by one: the same.
    expect(withEvents(null, events)).toEqual(late);
  });

  test("begins anew when the events come again, as after a broken connection", async () => {
    await using project = await stepProject({ make: MAKE });
    const { events } = await runProject(project);
    const once = withEvents(null, events);
    expect(withEvents(once, events)).toEqual(once);
  });
});

describe("a parameter's field", () => {
  test.each([
    [{ type: "int", min: 1 }, "3", { value: 3 }],
    [{ type: "int", min: 1 }, "0", { problem: "The least is 1." }],
    [{ type: "int" }, "1.5", { problem: "This must be a whole number." }],
    [{ type: "number", max: 1, exclusiveMax: true }, "1", { problem: "It must be below 1." }],
    [{ type: "number" }, "", "unset"],
    [{ type: "boolean" }, "false", { value: false }],
    [{ type: "enum", values: ["a", "b"] }, "b", { value: "b" }],
    [{ type: "string" }, "", { value: "" }],
    [{ type: "date" }, "", "unset"],
    [{ type: "array", of: { type: "int" } }, "[1, 2]", { value: [1, 2] }],
    [
      { type: "array", of: { type: "int" } },
      "[1",
      { problem: "Write it as JSON: texts in double quotes." },
    ],
  ] as const)("%j: %j", (shape, text, expected) => {
    expect(valueOf(structuredClone(shape) as Parameters<typeof valueOf>[0], text)).toEqual(
      expected,
    );
  });

  test("shows a value so that it reads back as the same", () => {
    for (const [shape, value] of [
      [{ type: "string" }, "true"],
      [{ type: "int" }, 12],
      [{ type: "boolean" }, true],
      [{ type: "object", fields: { trees: { type: "int" } } }, { trees: 5 }],
    ] as const)
      expect(valueOf(shape, textOf(shape, value))).toEqual({ value });
  });
});

test("times are said as people say them", () => {
  expect([4_900, 130_000, 3_900_000].map(duration)).toEqual(["4 s", "2 min 10 s", "1 h 5 min"]);
  const now = Date.parse("2026-11-24T12:00:00Z");
  const said = [
    "2026-11-24T11:59:40Z",
    "2026-11-24T11:59:00Z",
    "2026-11-24T09:10:00Z",
    "2026-11-20T12:00:00Z",
  ];
  expect(said.map((then) => ago(Date.parse(then), now))).toEqual([
    "just now",
    "1 minute ago",
    "2 hours ago",
    "4 days ago",
  ]);
});

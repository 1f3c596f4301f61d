import fc from "fast-check";
import { expect, test } from "vitest";
import {
  ancestorsOf,
  dependentsOf,
  mermaidOf,
  needsOf,
  orderOf,
  selectStages,
} from "../../pipeline/graph.ts";
import type { Stage } from "../../pipeline/pipeline.ts";

function stage(name: string, needs: string[] = [], after: string[] = []): Stage {
  return {
    name,
    title: name,
    description: "",
    notebook: `${name}.ipynb`,
    inputs: Object.fromEntries(
      needs.map((need) => [need, { kind: "output", stage: need, output: "x" }]),
    ),
    params: {},
    after,
    timeoutMs: null,
    retries: 0,
    resources: { cpus: 1, memoryBytes: null, gpus: 0 },
    cache: true,
    places: {},
  };
}

/** a → b → d, a → c → d, e alone, d before f. */
const diamond = {
  stages: [
    stage("d", ["b", "c"]),
    stage("c", ["a"]),
    stage("b", ["a"]),
    stage("e"),
    stage("a"),
    stage("f", [], ["d"]),
  ],
};

test("the order keeps the document's wherever the graph leaves a choice", () => {
  expect(orderOf(diamond)).toEqual({ order: ["e", "a", "c", "b", "d", "f"], cycles: [] });
});

test("every stage comes after all it needs, whatever the document's order", () => {
  const graphs = fc.integer({ min: 1, max: 12 }).chain((size) =>
    fc.record({
      edges: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 30 }),
      shuffle: fc.shuffledSubarray(
        Array.from({ length: size }, (_, i) => i),
        { minLength: size },
      ),
    }),
  );
  fc.assert(
    fc.property(graphs, ({ edges, shuffle }) => {
      // Edges from smaller to larger numbers only: no cycle, and any order of the document.
      const stages = shuffle.map((at) =>
        stage(
          `s${at}`,
          edges.filter(([from, to]) => to === at && from < at).map(([from]) => `s${from}`),
        ),
      );
      const { order, cycles } = orderOf({ stages });
      expect(cycles).toEqual([]);
      expect(order.toSorted()).toEqual(stages.map(({ name }) => name).toSorted());
      for (const each of stages)
        for (const need of needsOf(each))
          expect(order.indexOf(need)).toBeLessThan(order.indexOf(each.name));
    }),
  );
});

test("a cycle is named in full, in the direction of the data; what only depends on it is not on it", () => {
  const stages = [
    stage("in"),
    stage("a", ["c", "in"]),
    stage("b", ["a"]),
    stage("c", ["b"]),
    stage("out", ["c"]),
  ];
  expect(orderOf({ stages })).toEqual({
    order: ["in", "a", "b", "c", "out"],
    cycles: [["a", "b", "c", "a"]],
  });
  expect(orderOf({ stages: [stage("self", ["self"])] }).cycles).toEqual([["self", "self"]]);
});

test("--from, --to and --only choose stages, together what lies between", () => {
  const chosen = (selection: Parameters<typeof selectStages>[1]) => {
    const selected = selectStages(diamond, selection);
    return selected.ok ? [...selected.stages].toSorted().join("") : selected.message;
  };
  expect(chosen({})).toBe("abcdef");
  expect(chosen({ from: ["b"] })).toBe("bdf");
  expect(chosen({ to: ["b"] })).toBe("ab");
  expect(chosen({ from: ["a"], to: ["d"] })).toBe("abcd");
  expect(chosen({ only: ["c", "e"] })).toBe("ce");
  expect(selectStages({ stages: [stage("process")] }, { from: ["proces"] })).toEqual({
    ok: false,
    message: 'There is no stage "proces".',
    hint: 'did you mean "process"?',
  });
});

test("what needs and what is needed is followed to the end", () => {
  expect([...ancestorsOf(diamond, ["d"])].toSorted()).toEqual(["a", "b", "c", "d"]);
  expect([...dependentsOf(diamond, ["c"])].toSorted()).toEqual(["c", "d", "f"]);
});

test("the picture has one edge a line: solid for data, dotted for order, and lonely stages too", () => {
  expect(mermaidOf(diamond)).toBe(`graph LR
  e
  a --> c
  a --> b
  b --> d
  c --> d
  d -.-> f`);
  expect(mermaidOf({ stages: [stage("end")] })).toBe(`graph LR\n  stage-end["end"]`);
});

test("a thousand stages are ordered at once", () => {
  const stages = Array.from({ length: 1000 }, (_, i) =>
    stage(`s${i}`, i === 0 ? [] : [`s${i - 1}`]),
  );
  expect(orderOf({ stages: stages.toReversed() }).order).toEqual(stages.map(({ name }) => name));
});

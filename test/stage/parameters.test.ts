import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { a, inject, inputs, outputs, parameters, z } from "../../stage/index.ts";
import { StageHost } from "../rig/stage-host.ts";

let host: StageHost;
beforeEach(() => void (host = new StageHost()));
afterEach(() => host[Symbol.dispose]());

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("nothing was thrown");
}

test("defaults stand where nothing is injected", () => {
  expect(parameters({ minPrice: z.number().default(10) })).toEqual({ minPrice: 10 });
});

test("injected values win, and have their types", () => {
  inject({ minPrice: 20, until: "2019-07-08", gbdt: { trees: 5 } });
  const params = parameters({
    minPrice: z.number().default(10),
    until: z.date(),
    gbdt: z.object({ trees: z.int().default(100), rate: z.number().default(0.1) }).prefault({}),
  });
  expect(params).toEqual({
    minPrice: 20,
    until: new Date("2019-07-08T00:00:00Z"),
    gbdt: { trees: 5, rate: 0.1 },
  });
});

test("parameters are frozen all the way down", () => {
  const params = parameters({
    gbdt: z.object({ words: z.array(z.string()) }).default({ words: ["a"] }),
  });
  expect(() => params.gbdt.words.push("b")).toThrow(TypeError);
  expect(() => Object.assign(params.gbdt, { words: [] })).toThrow(TypeError);
});

test("every wrong parameter is named, with its value and what was expected", () => {
  inject({ minPrice: -5, maxprice: 3, gbdt: { trees: 1.5 } });
  const schema = {
    minPrice: z.number().positive(),
    maxPrice: z.number().default(350),
    gbdt: z.object({ trees: z.int() }),
  };
  expect(messageOf(() => parameters(schema))).toBe(
    [
      "Parameter minPrice: -5 is too small; it must be a number above 0.",
      "Parameter gbdt.trees: 1.5 is not a whole number.",
      'Parameter maxprice = 3: There is no parameter of this name: did you mean "maxPrice"?',
    ].join("\n"),
  );
});

test("zod has the last word", () => {
  inject({ trees: 7 });
  const schema = { trees: z.int().refine((n) => n % 2 === 0, "must be even") };
  expect(messageOf(() => parameters(schema))).toBe("Parameter trees = 7: must be even.");
});

test("inject after parameters is an error: nobody would read it", () => {
  parameters({ minPrice: z.number().default(10) });
  expect(() => inject({ minPrice: 20 })).toThrow(
    "inject({ minPrice }) comes after parameters(…), which has already given out its values.",
  );
});

test("in JupyterLab a notebook may be run again from the top", () => {
  using lab = new StageHost({ mode: "unbound" });
  for (const round of [1, 2]) {
    lab.cell = { id: "injected", count: round * 2 - 1 };
    inject({ minPrice: 20 });
    lab.cell = { id: "parameters", count: round * 2 };
    expect(parameters({ minPrice: z.number().default(10) })).toEqual({ minPrice: 20 });
  }
});

describe("declare mode", () => {
  test("the three cells give the contract and touch nothing", () => {
    using declare = new StageHost({ mode: "declare" });
    const params = parameters({
      minPrice: z.number().positive().default(10).describe("USD"),
      city: z.string(),
    });
    const input = inputs({ listings: a.table(z.object({ id: z.int() })).from("collect.listings") });
    const output = outputs({
      listings: a.table(z.object({ id: z.int(), price: z.number().nullable() })),
      report: a.json(z.object({ at: z.date() })),
      delivery: a.file({ media: "text/csv" }),
      bundle: a.folder(),
      model: a.model({ input: z.object({ x: z.number() }), output: z.object({ y: z.number() }) }),
      mae: a.metric({ goal: "min", unit: "USD" }),
    });
    expect(params).toEqual({ minPrice: 10 });
    expect(Object.keys(input)).toEqual(["listings"]);
    expect(Object.keys(output)).toHaveLength(6);
    expect(declare.declared).toEqual({
      parameters: {
        minPrice: { type: "number", min: 0, exclusiveMin: true, default: 10, description: "USD" },
        city: { type: "string" },
      },
      inputs: {
        listings: { kind: "table", columns: { id: { type: "int" } }, from: "collect.listings" },
      },
      outputs: {
        listings: {
          kind: "table",
          columns: { id: { type: "int" }, price: { type: "number", nullable: true } },
        },
        report: { kind: "json", shape: { type: "object", fields: { at: { type: "timestamp" } } } },
        delivery: { kind: "file", media: "text/csv" },
        bundle: { kind: "folder" },
        model: {
          kind: "model",
          input: { x: { type: "number" } },
          output: { y: { type: "number" } },
        },
        mae: { kind: "metric", goal: "min", unit: "USD" },
      },
    });
    // What a contract cache writes is what it reads.
    expect(JSON.parse(JSON.stringify(declare.declared))).toEqual(declare.declared);
  });
});

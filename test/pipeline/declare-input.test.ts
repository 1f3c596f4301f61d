import { describe, expect, test } from "vitest";
import { withInput, withWire } from "../../pipeline/scaffold/declare-input.ts";

describe("an input is written into the inputs cell", () => {
  test.each([
    ["const input = inputs({});", "const input = inputs({ zones: a.file() });"],
    [
      "const input = inputs({ raw: a.file() });",
      "const input = inputs({ raw: a.file(), zones: a.file() });",
    ],
    [
      "const input = inputs({\n  raw: a.file(), // the delivery\n  // and no more\n});",
      "const input = inputs({\n  raw: a.file(), // the delivery\n  zones: a.file(),\n  // and no more\n});",
    ],
    [
      "const input = inputs({\n    raw: a.file() // the delivery\n});",
      "const input = inputs({\n    raw: a.file(), // the delivery\n    zones: a.file(),\n});",
    ],
  ])("%s", (before, after) => {
    expect(withInput(before, "zones", "a.file()")).toBe(after);
  });

  test("and nothing into a cell that is no declaration", () => {
    expect(withInput("const input = inputs(ports);", "zones", "a.file()")).toBeNull();
    expect(withInput("1 + 1", "zones", "a.file()")).toBeNull();
  });
});

describe("an input is wired in the stage's block", () => {
  const document = (block: string): string =>
    `---\npipeline: p\n---\n\n## Other\n\n\`\`\`yaml stage\nname: other\nnotebook: o.ipynb\n\`\`\`\n\n## Make\n\n\`\`\`yaml stage\n${block}\n\`\`\`\n\nProse.\n`;
  const head = "name: make\nnotebook: m.ipynb # its cells";
  test.each([
    [`${head}\ncache: true`, `${head}\ninputs: { zones: data/z.csv }\ncache: true`],
    [`${head}\ninputs:\ncache: true`, `${head}\ninputs: { zones: data/z.csv }\ncache: true`],
    [`${head}\ninputs: {}`, `${head}\ninputs: { zones: data/z.csv }`],
    [
      `${head}\ninputs: { raw: a.b } # why`,
      `${head}\ninputs: { raw: a.b, zones: data/z.csv } # why`,
    ],
    [
      `${head}\ninputs:\n    raw: a.b # why\nparams: { n: 1 }`,
      `${head}\ninputs:\n    raw: a.b # why\n    zones: data/z.csv\nparams: { n: 1 }`,
    ],
  ])("%s", (before, after) => {
    expect(withWire(document(before), "make", "zones", "data/z.csv")).toBe(document(after));
  });

  test("what YAML would read otherwise is quoted", () => {
    expect(withWire(document(head), "make", "zones", "data/a, b.csv")).toBe(
      document(`${head}\ninputs: { zones: "data/a, b.csv" }`),
    );
    expect(withWire(document(head), "make", "rates", "https://x.org/r.csv?d=1&e=2")).toBe(
      document(`${head}\ninputs: { rates: https://x.org/r.csv?d=1&e=2 }`),
    );
  });

  test("of a stage that is not there nothing is written", () => {
    expect(withWire(document(head), "nobody", "zones", "x")).toBeNull();
  });
});

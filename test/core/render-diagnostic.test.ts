import { expect, test } from "vitest";
import type { Diagnostic } from "../../core/diagnostic.ts";
import { renderDiagnostic, renderGithub } from "../../core/render-diagnostic.ts";

const UNWIRED: Diagnostic = {
  code: "contract/input-unwired",
  severity: "error",
  message: 'This stage reads "listings", but PIPELINE.md does not say where it comes from.',
  hint: 'add `listings: <stage>.<output>` under `inputs` of stage "process".',
  at: {
    file: "notebooks/3-process.ipynb",
    cell: { number: 4, id: "x", slot: "inputs" },
    line: 2,
    column: 3,
    endLine: 2,
    endColumn: 11,
  },
  source: "  listings: a.table(RawListing),",
};

test("a diagnostic is printed in the form of the house style", () => {
  expect(renderDiagnostic(UNWIRED))
    .toBe(`error contract/input-unwired  notebooks/3-process.ipynb, cell 4 (inputs), line 2:3
  listings: a.table(RawListing),
  ~~~~~~~~
  This stage reads "listings", but PIPELINE.md does not say where it comes from.
  Hint: add \`listings: <stage>.<output>\` under \`inputs\` of stage "process".`);
});

test("a long line is cut around the place", () => {
  const source = `${"x".repeat(150)}HERE${"y".repeat(150)}`;
  const at = { file: "a.ts", line: 1, column: 151, endLine: 1, endColumn: 155 };
  const [, shown = "", squiggle = ""] = renderDiagnostic({ ...UNWIRED, source, at }).split("\n");
  expect(shown.slice(squiggle.indexOf("~"), squiggle.lastIndexOf("~") + 1)).toBe("HERE");
  expect(shown.length).toBeLessThan(110);
});

test("a place without a column shows its line, one without a line only its file", () => {
  const { hint: _hint, source: _source, ...rest } = UNWIRED;
  expect(renderDiagnostic({ ...rest, at: { file: "PIPELINE.md" } })).toBe(
    `error contract/input-unwired  PIPELINE.md\n  ${rest.message}`,
  );
  expect(renderDiagnostic({ ...rest, at: { file: "m.ts", line: 3 }, source: "\timport x" })).toBe(
    `error contract/input-unwired  m.ts, line 3\n  import x\n  ${rest.message}`,
  );
});

test("the other ends of a fault follow", () => {
  const related = [
    { at: { file: "PIPELINE.md", line: 7, column: 1 }, message: "wired here", source: "inputs:" },
  ];
  expect(renderDiagnostic({ ...UNWIRED, related })).toMatch(
    /\n  PIPELINE\.md, line 7:1: wired here\n    inputs:\n    ~$/,
  );
});

test("GitHub is given the file; a cell's lines are not the file's and stand in the text", () => {
  expect(renderGithub(UNWIRED)).toBe(
    `::error file=notebooks/3-process.ipynb,title=contract/input-unwired::cell 4 (inputs), line 2:3: This stage reads "listings", but PIPELINE.md does not say where it comes from.%0AHint: add \`listings: <stage>.<output>\` under \`inputs\` of stage "process".%0AMore: npx steplab lint --explain contract/input-unwired`,
  );
  expect(
    renderGithub({
      ...UNWIRED,
      severity: "information",
      message: "100 %",
      at: { file: "a,b:c.md", line: 1, column: 2 },
    }),
  ).toBe(
    `::notice file=a%2Cb%3Ac.md,line=1,col=2,title=contract/input-unwired::100 %25%0AHint: add \`listings: <stage>.<output>\` under \`inputs\` of stage "process".%0AMore: npx steplab lint --explain contract/input-unwired`,
  );
});

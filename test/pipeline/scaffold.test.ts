import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { codeCell, makeNotebook, markdownCell, type Cell } from "../../core/notebook/index.ts";
import { parseNotebook } from "../../pipeline/notebooks/source-notebook.ts";
import { addDependency } from "../../pipeline/scaffold/add-dependency.ts";
import { addSection } from "../../pipeline/scaffold/add-section.ts";
import { liftCells } from "../../pipeline/scaffold/lift.ts";
import { ownDependency } from "../../pipeline/scaffold/own-dependency.ts";
import { ownVersion } from "../../core/own-sources.ts";
import { parseModule } from "../../core/module-facts.ts";
import { ImportList } from "../../pipeline/scaffold/imports.ts";

const section = {
  name: "report",
  title: "Report",
  prose: "What it says.",
  notebook: "notebooks/2-report.ipynb",
  inputs: { rows: "collect.rows", rates: null },
};

const DOCUMENT = `---
pipeline: small
---

# Small

\`\`\`mermaid
graph LR
  collect
\`\`\`

## Collect   the rows ##

Odd   spacing stays.\t

~~~yaml stage
name:   collect
notebook: notebooks/1-collect.ipynb
~~~
`;

describe("a section put into a document", () => {
  test("stands at its end, the diagram follows, and everything else is as it was", () => {
    expect(addSection(DOCUMENT, "PIPELINE.md", section)).toBe(
      `${DOCUMENT.replace("  collect\n", "  collect --> report\n")}
## Report

What it says.

\`\`\`yaml stage
name: report
notebook: notebooks/2-report.ipynb
inputs:
  rows: collect.rows
# To wire, under inputs: rates: <stage.output, a path, a pattern or an address>
\`\`\`
`,
    );
  });

  test("leaves a diagram that a person drew", () => {
    const drawn = DOCUMENT.replace("  collect\n", "  collect[Every morning]\n");
    expect(addSection(drawn, "PIPELINE.md", section)).toContain(drawn);
  });

  test("ends its lines as the document does", () => {
    const windows = DOCUMENT.replaceAll("\n", "\r\n");
    expect(addSection(windows, "PIPELINE.md", section)?.replaceAll("\r\n", "")).not.toContain("\n");
  });

  test("is refused where it would not be read: in a block that has no end", () => {
    const open = DOCUMENT.slice(0, DOCUMENT.lastIndexOf("~~~"));
    expect(addSection(open, "PIPELINE.md", section)).toBeNull();
  });
});

describe("a dependency put into a package.json", () => {
  const own = '{\n    "name": "own",\n    "dependencies": {\n        "zod": "4.0.0"\n    }\n}';

  test("is all that changes", () => {
    expect(addDependency(own, "steplab", "0.1.0")).toEqual({
      outcome: "added",
      text: own.replace('"zod"', '"steplab": "0.1.0",\n        "zod"'),
    });
  });

  test("is left to the person where writing it would change more", () => {
    expect(addDependency('{ "name": "own" }', "steplab", "0.1.0").outcome).toBe("unclear");
    expect(addDependency("{ name }", "steplab", "0.1.0").outcome).toBe("unclear");
  });

  test("is not put there twice", () => {
    const text = '{ "devDependencies": { "steplab": "*" } }';
    expect(addDependency(text, "steplab", "0.1.0").outcome).toBe("present");
  });
});

test("imports of several cells become one list: each module once, each name once", () => {
  const imports = new ImportList();
  for (const source of [
    `import { z, type Table } from "steplab";\nimport "./effects.ts";`,
    `import { Table, a } from "steplab";\nimport data from "./data.json" with { type: "json" };`,
    `import type { Row } from "./row.ts";\nimport * as path from "node:path";\nimport fs, { readFile as read } from "node:fs";`,
  ])
    expect(imports.addAll(parseModule("cell.ts", source).program, source)).toEqual([]);
  expect(imports.text()).toBe(`import { z, Table, a } from "steplab";
import "./effects.ts";
import data from "./data.json" with { type: "json" };
import type { Row } from "./row.ts";
import * as path from "node:path";
import fs, { readFile as read } from "node:fs";`);
  const other = `import { z } from "zod";`;
  expect(imports.addAll(parseModule("cell.ts", other).program, other)).toEqual([
    { name: "z", modules: ['"steplab"', '"zod"'] },
  ]);
});

function lift(cells: Cell[], chosen: number[] | null = null): ReturnType<typeof liftCells> {
  const source = parseNotebook(makeNotebook(cells), "old/work.ipynb");
  return liftCells(source, chosen && new Set(chosen), "notebooks");
}

const said = ({ notes }: ReturnType<typeof lift>): string[] =>
  notes.map(({ cell, line, message }) => `${cell}:${line} ${message}`);

describe("cells of another notebook", () => {
  test("lose their imports to the imports slot, translated for npm and for the new folder", () => {
    const lifted = lift([
      codeCell(
        `import { parse } from "npm:csv-parse@5/sync";\nimport { load } from "./load.ts";\nload(parse);`,
      ),
      codeCell(`import { encodeHex } from "jsr:@std/encoding@1/hex";\nawait import("../big.ts");`),
    ]);
    expect(lifted.imports.text()).toBe(`import { parse } from "csv-parse/sync";
import { load } from "../old/load.ts";
import { encodeHex } from "@std/encoding/hex";`);
    expect(lifted.body.map(({ source }) => source)).toEqual([
      "load(parse);",
      `await import("../big.ts");`,
    ]);
    expect(said(lifted)).toEqual([
      "1:1 needs a package: npm install csv-parse@5",
      "2:1 needs a package: npx jsr add @std/encoding@1",
    ]);
  });

  test("show things in steplab's words", () => {
    const lifted = lift([
      codeCell(`import * as tslab from "tslab";\ntslab.display.html("<b>" + 1 + "</b>");`),
      codeCell("Deno.jupyter.md`**${n}**`;"),
    ]);
    expect(lifted.body.map(({ source }) => source)).toEqual([
      `display({ "text/html": "<b>" + 1 + "</b>" });`,
      "display.markdown`**${n}**`;",
    ]);
    expect(lifted.imports.text()).toBe(`import { display } from "steplab";`);
    expect(said(lifted)).toEqual([]);
  });

  test("are pointed at where a person must decide, at the place", () => {
    const lifted = lift([
      codeCell(`const text = await Deno.readTextFile("a.csv");`),
      codeCell(`const params = 1;\nlet text = "";`),
      codeCell(`const broken = ;`),
      codeCell(`import x from "https://esm.sh/x";`),
    ]);
    expect(said(lifted)).toEqual([
      '1:1 Deno.readTextFile is there in Deno only: declare the file as an input, or readFile of "node:fs/promises".',
      `2:1 "params" is what a stage's own declarations are called: rename it.`,
      '2:2 "text" is declared in cell 1 too: a stage is one module, so rename one.',
      "3:1 does not parse as TypeScript; it is taken as it stands.",
      '4:1 Node imports no addresses ("https://esm.sh/x"): install the package with npm, and name it here.',
    ]);
  });

  test("are those that were chosen, prose included; without a choice all code but scratch", () => {
    const cells = [
      markdownCell("## One"),
      codeCell("1"),
      codeCell("2", { slot: "scratch" }),
      codeCell("check", { slot: "checks" }),
    ];
    expect(lift(cells, [1, 2]).body.map(({ source }) => source)).toEqual(["## One", "1"]);
    expect(lift(cells).body.map(({ source }) => source)).toEqual(["1"]);
    expect(lift(cells).checks).toEqual(["check"]);
  });
});

describe("a new project depends on steplab as it was installed itself", () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "steplab-installed-")));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const host = join(root, "host");
  const installed = join(host, "node_modules", "steplab");
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(root, "steplab 本.tgz"), "");
  const dependency = (resolved?: string): string => {
    const packages = { "node_modules/steplab": { version: ownVersion(), resolved } };
    writeFileSync(join(host, "node_modules", ".package-lock.json"), JSON.stringify({ packages }));
    return ownDependency(join(root, "made", "demo"), installed);
  };

  test.each([
    ["from a registry", "https://registry.example/steplab/-/steplab-0.1.0.tgz", ownVersion()],
    ["in a way that nobody noted", undefined, ownVersion()],
    ["from a packed file", "file:../steplab 本.tgz", "file:../../steplab 本.tgz"],
    ["from a packed file that is gone", "file:../gone.tgz", ownVersion()],
    [
      "from git",
      "git+ssh://git@example.com/steplab.git#0123",
      "git+ssh://git@example.com/steplab.git#0123",
    ],
    [
      "from some server",
      "https://example.com/builds/nightly.tgz",
      "https://example.com/builds/nightly.tgz",
    ],
  ])("%s", (_, resolved, expected) => {
    expect(dependency(resolved)).toBe(expected);
  });

  test("or as a checkout", () => {
    expect(ownDependency(join(root, "demo"), join(root, "checkout"))).toBe("file:../checkout");
  });
});

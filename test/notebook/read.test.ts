import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findJsonError } from "../../core/json-error.ts";
import { readNotebook, slotOf } from "../../core/notebook/index.ts";
import { findStructureFaults } from "../../core/notebook/structure.ts";
import { renderDiagnostic } from "../../core/render-diagnostic.ts";
import { schemaFaults } from "./schema.ts";

const said = (text: string): string =>
  readNotebook(text, "x.ipynb").diagnostics.map(renderDiagnostic).join("\n\n");

const SOUND = JSON.parse(
  readFileSync(new URL("fixtures/as-jupyter-writes.ipynb", import.meta.url), "utf8"),
) as Notebook;
interface Notebook {
  cells: Record<string, unknown>[];
  [member: string]: unknown;
}

/** The sound notebook with one thing done to it. */
function flawed(change: (notebook: Notebook) => void): string {
  const notebook = structuredClone(SOUND);
  change(notebook);
  return JSON.stringify(notebook);
}

describe("text that is no JSON", () => {
  test("names the line and column, and what should stand there", () => {
    expect(said(`{\n "cells": [\n  { "cell_type": "code" "id": "a" }\n ]\n}`))
      .toMatchInlineSnapshot(`
      "error notebook/invalid-json  x.ipynb, line 3:25
        { "cell_type": "code" "id": "a" }
                              ~
        This notebook is not valid JSON. Expected "," or "}", but there is "\\"".
        Hint: take the last good version from git, or mend it in a text editor."
    `);
    expect(said(`{ "cells": [1, 2,] }`)).toMatchInlineSnapshot(`
      "error notebook/invalid-json  x.ipynb, line 1:18
        { "cells": [1, 2,] }
                         ~
        This notebook is not valid JSON. Expected a value, but there is "]".
        Hint: take the last good version from git, or mend it in a text editor."
    `);
    expect(said(`{ "cells": [`)).toMatchInlineSnapshot(`
      "error notebook/invalid-json  x.ipynb, line 1:13
        { "cells": [
                    ~
        This notebook is not valid JSON. Expected a value, but the file ends.
        Hint: take the last good version from git, or mend it in a text editor."
    `);
    expect(said(`{ "source": "broken\nstring" }`)).toMatchInlineSnapshot(`
      "error notebook/invalid-json  x.ipynb, line 1:13
        { "source": "broken
                    ~
        This notebook is not valid JSON. This string has no end, or holds a line break or a bad escape.
        Hint: take the last good version from git, or mend it in a text editor."
    `);
    expect(said(`{} {}`)).toMatchInlineSnapshot(`
      "error notebook/invalid-json  x.ipynb, line 1:4
        {} {}
           ~
        This notebook is not valid JSON. Expected the end of the file, but there is "{".
        Hint: take the last good version from git, or mend it in a text editor."
    `);
    expect(said("")).toMatchInlineSnapshot(`
      "error notebook/invalid-json  x.ipynb, line 1:1
        This notebook is empty: not even JSON.
        Hint: take the last good version from git, or mend it in a text editor."
    `);
  });
  test("knows a merge conflict", () => {
    expect(said(`{\n<<<<<<< HEAD\n "a": 1\n=======\n "a": 2\n>>>>>>> other\n}`))
      .toMatchInlineSnapshot(`
      "error notebook/invalid-json  x.ipynb, line 2:1
        <<<<<<< HEAD
        ~
        This notebook is not valid JSON. Expected a member name in double quotes, but there is "<".
        Hint: git left conflict markers in it: choose one side, e.g. \`git checkout --ours\` or \`--theirs\`."
    `);
  });
  test("a fault is found exactly where JSON.parse refuses", () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom("", ",", "}", '"', "x", "\n", "\\"))
      .map(([text, at, inserted]) => {
        const place = text.length === 0 ? 0 : at % text.length;
        return text.slice(0, place) + inserted + text.slice(place + 1);
      });
    fc.assert(
      fc.property(broken, (text) => {
        let refused = false;
        try {
          JSON.parse(text);
        } catch {
          refused = true;
        }
        expect(findJsonError(text) !== undefined).toBe(refused);
      }),
      { numRuns: 500 },
    );
  });
});

describe("JSON that is no notebook", () => {
  test("every faulty member is named", () => {
    const text = flawed((notebook) => {
      notebook["metadata"] = [];
      notebook["extra"] = 1;
      const [markdown, code, raw] = notebook.cells as [
        Record<string, unknown>,
        Record<string, unknown>,
        Record<string, unknown>,
      ];
      markdown["source"] = 1;
      markdown["outputs"] = [];
      code["id"] = "a b";
      code["execution_count"] = "2";
      code["outputs"] = [
        { output_type: "stream", text: "x" },
        { output_type: "errors" },
        3,
        { output_type: "display_data", data: { "text/plain": 1 }, metadata: {} },
      ];
      raw["cell_type"] = "heading";
      (notebook.cells[3] as Record<string, unknown>)["id"] = "a1";
    });
    expect(said(text)).toMatchInlineSnapshot(`
      "error notebook/invalid-format  x.ipynb
        \`metadata\` must be an object.
        Hint: save the notebook from JupyterLab again, or mend this member in a text editor.

      error notebook/invalid-format  x.ipynb
        \`extra\` is no member that nbformat 4 knows.
        Hint: save the notebook from JupyterLab again, or mend this member in a text editor.

      error notebook/invalid-format  x.ipynb, cell 1
        \`cells[0].source\` must be a string or a list of strings.
        Hint: save the notebook from JupyterLab again, or mend this member in a text editor.

      error notebook/invalid-format  x.ipynb, cell 1
        \`cells[0].outputs\` is no member that nbformat 4 knows.
        Hint: save the notebook from JupyterLab again, or mend this member in a text editor.

      error notebook/invalid-format  x.ipynb, cell 2
        \`cells[1].id\` must be 1 to 64 letters, digits, - or _.
        Hint: save the notebook from JupyterLab again, or mend this member in a text editor.

      error notebook/invalid-format  x.ipynb, cell 2
        \`cells[1].execution_count\` must be null or a whole number from 0.
        Hint: save the notebook from JupyterLab again, or mend this member in a text editor.

      error notebook/invalid-format  x.ipynb, cell 2
        \`cells[1].outputs[0].name\` must be a string.
        Hint: save the notebook from JupyterLab again, or mend this member in a text editor.

      error notebook/invalid-format  x.ipynb, cell 2
        \`cells[1].outputs[1].output_type\` must be "stream", "execute_result", "display_data" or "error".
        Hint: save the notebook from JupyterLab again, or mend this member in a text editor.

      error notebook/invalid-format  x.ipynb, cell 2
        \`cells[1].outputs[2]\` must be an object.
        Hint: save the notebook from JupyterLab again, or mend this member in a text editor.

      error notebook/invalid-format  x.ipynb, cell 2
        \`cells[1].outputs[3].data["text/plain"]\` must be a string or a list of strings.
        Hint: save the notebook from JupyterLab again, or mend this member in a text editor.

      error notebook/invalid-format  x.ipynb, cell 3
        \`cells[2].cell_type\` must be "code", "markdown" or "raw".
        Hint: save the notebook from JupyterLab again, or mend this member in a text editor.

      error notebook/invalid-format  x.ipynb, cell 4
        \`cells[3].id\` is "a1", which is the id of cells[0] already.
        Hint: save the notebook from JupyterLab again, or mend this member in a text editor."
    `);
  });
  test("a list, a number, cells that are no list", () => {
    expect(said("[]")).toMatchInlineSnapshot(`
      "error notebook/invalid-format  x.ipynb
        The file must hold a JSON object.
        Hint: save the notebook from JupyterLab again, or mend this member in a text editor."
    `);
    expect(said(`{ "nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": {} }`))
      .toMatchInlineSnapshot(`
      "error notebook/invalid-format  x.ipynb
        \`cells\` must be a list.
        Hint: save the notebook from JupyterLab again, or mend this member in a text editor."
    `);
  });
  test("what our rules accept, the official schema accepts, and the other way round", () => {
    const changes: [string, (cell: Record<string, unknown>, notebook: Notebook) => void][] = [
      ["nothing", () => {}],
      ["no metadata", (cell) => delete cell["metadata"]],
      ["no source", (cell) => delete cell["source"]],
      ["no outputs", (cell) => delete cell["outputs"]],
      ["no execution count", (cell) => delete cell["execution_count"]],
      ["attachments in code", (cell) => (cell["attachments"] = {})],
      ["unknown member", (cell) => (cell["foo"] = 1)],
      ["long id", (cell) => (cell["id"] = "x".repeat(65))],
      ["tags as text", (cell) => (cell["metadata"] = { tags: "a" })],
      ["tag with a comma", (cell) => (cell["metadata"] = { tags: ["a,b"] })],
      ["negative count", (cell) => (cell["execution_count"] = -1)],
      ["no notebook metadata", (_, notebook) => delete notebook["metadata"]],
      ["unknown notebook member", (_, notebook) => (notebook["worksheets"] = [])],
      [
        "a traceback of numbers",
        (cell) =>
          (cell["outputs"] = [{ output_type: "error", ename: "E", evalue: "v", traceback: [1] }]),
      ],
      [
        "an output without metadata",
        (cell) => (cell["outputs"] = [{ output_type: "display_data", data: {} }]),
      ],
    ];
    for (const [name, change] of changes) {
      const notebook = structuredClone(SOUND);
      change(notebook.cells[1] as Record<string, unknown>, notebook);
      expect([name, findStructureFaults(notebook).length === 0]).toEqual([
        name,
        schemaFaults(notebook).length === 0,
      ]);
    }
  });
});

describe("other versions", () => {
  test("nbformat 3 and 5 are refused with what to do", () => {
    expect(said(`{ "nbformat": 3, "nbformat_minor": 0, "worksheets": [] }`)).toMatchInlineSnapshot(`
      "error notebook/unsupported-format  x.ipynb
        This notebook is of nbformat 3.0, which steplab does not read.
        Hint: open and save it in JupyterLab once; it becomes nbformat 4."
    `);
    expect(said(`{ "nbformat": 5, "nbformat_minor": 0, "cells": [] }`)).toMatchInlineSnapshot(`
      "error notebook/unsupported-format  x.ipynb
        This notebook is of nbformat 5.0, newer than 4.5, the newest that steplab reads.
        Hint: save it as nbformat 4.5."
    `);
  });
  test.each([0, 1, 2, 3, 4])("4.%i becomes 4.5 in memory, with ids that stay the same", (minor) => {
    const text = flawed((notebook) => {
      notebook["nbformat_minor"] = minor;
      for (const each of notebook.cells) delete each["id"];
      if (minor === 0) delete (notebook.cells[0] as Record<string, unknown>)["attachments"];
    });
    expect(schemaFaults(JSON.parse(text), minor)).toEqual([]);
    const { notebook, diagnostics } = readNotebook(text, "x.ipynb");
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([
      ["notebook/missing-ids", "information"],
    ]);
    expect(notebook?.nbformatMinor).toBe(5);
    expect(notebook?.metadata["orig_nbformat_minor"]).toBe(minor);
    const ids = notebook?.cells.map(({ id }) => id) ?? [];
    expect(new Set(ids).size).toBe(SOUND.cells.length);
    expect(readNotebook(text, "x.ipynb").notebook?.cells.map(({ id }) => id)).toEqual(ids);
  });
  test("a 4.5 notebook whose cells have no ids is read with a warning", () => {
    expect(said(flawed((notebook) => delete notebook.cells[0]?.["id"]))).toMatchInlineSnapshot(`
      "warning notebook/missing-ids  x.ipynb
        A cell has no id (nbformat 4.5); made ones stand in.
        Hint: \`npx steplab lint --fix\` writes them down, as saving in JupyterLab does."
    `);
  });
});

test("a cell's slot is its first tag that names one", () => {
  expect(slotOf({ tags: ["wide", "checks", "scratch"] })).toBe("checks");
  expect(slotOf({ tags: ["wide"] })).toBeNull();
  expect(slotOf({ tags: "checks" })).toBeNull();
  expect(slotOf({})).toBeNull();
});

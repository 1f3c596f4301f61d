import { expect, test } from "vitest";
import {
  codeCell,
  readNotebook,
  withCells,
  writeNotebook,
  type Notebook,
} from "../../core/notebook/index.ts";
import { applyFixes } from "../../pipeline/lint/fix.ts";
import { lint } from "../../pipeline/lint/index.ts";
import type { Project } from "../rig/project.ts";
import { documentWith, DOCUMENT, processing, projectWith, replaced } from "./sound-project.ts";

const PATH = "notebooks/process.ipynb";

async function fix(project: Project): Promise<{ changed: string[]; left: string[] }> {
  const options = { types: false, cacheDir: null };
  const { diagnostics } = await lint(project.root, options);
  const changed = applyFixes(project.root, diagnostics);
  const after = await lint(project.root, options);
  return { changed, left: after.diagnostics.map(({ code }) => code) };
}

async function notebookOf(project: Project): Promise<Notebook> {
  const { notebook } = readNotebook(await project.read(PATH), PATH);
  if (!notebook) throw new Error("not a notebook");
  return notebook;
}

const sources = (notebook: Notebook) => notebook.cells.map(({ slot, source }) => [slot, source]);

test("a sound project is left as it is, byte by byte", async () => {
  await using project = await projectWith({});
  expect(await fix(project)).toEqual({ changed: [], left: [] });
});

test("outputs, counts, recorded times and an injected cell go; sources stay", async () => {
  const sound = processing();
  const cells = sound.cells.map((cell) =>
    cell.type === "code"
      ? {
          ...cell,
          executionCount: 1,
          outputs: [{ output_type: "stream" as const, name: "stdout" as const, text: "x" }],
          metadata: { ...cell.metadata, execution: { "iopub.status.idle": "2026-11-20" } },
        }
      : cell,
  );
  const injected = codeCell("inject({ minPrice: 1 });", { slot: "injected-parameters", id: "i" });
  await using project = await projectWith({
    [PATH]: withCells(sound, cells.toSpliced(2, 0, injected)),
  });
  expect(await fix(project)).toEqual({ changed: [PATH], left: [] });
  expect(await project.read(PATH)).toBe(writeNotebook(sound));
});

test("a lost slot comes back at its place, a declaration empty, and no other cell is touched", async () => {
  const sound = processing({
    parameters: "",
    description: "",
    body: "const kept = await input.listings.read();\nawait output.kept.write(kept);",
    checks: `check("some", kept.numRows() > 0);`,
  });
  await using project = await projectWith({
    ...documentWith("params: { minPrice: $minPrice }\n", ""),
    [PATH]: sound,
  });
  expect(await fix(project)).toEqual({ changed: [PATH], left: [] });
  const [description, imports, parameters, ...rest] = sources(await notebookOf(project));
  expect(description?.[1]).toMatch(/^# Process: …/);
  expect(imports).toEqual(sources(sound)[0]);
  expect(parameters).toEqual(["parameters", "const params = parameters({});"]);
  expect(rest).toEqual(sources(sound).slice(1));
});

test("locks and the kernel are set again", async () => {
  const sound = processing();
  const cells = sound.cells.map(({ metadata: { deletable: _lock, ...metadata }, ...cell }) => ({
    ...cell,
    metadata,
  }));
  const metadata = { ...sound.metadata, kernelspec: { name: "python3", display_name: "Python 3" } };
  await using project = await projectWith({ [PATH]: { ...withCells(sound, cells), metadata } });
  expect(await fix(project)).toEqual({ changed: [PATH], left: [] });
  expect(await project.read(PATH)).toBe(writeNotebook(sound));
});

test("a cell that a template fixes is restored", async () => {
  const template = processing();
  const slots = template.cells.map((cell) => ({
    ...cell,
    metadata: {
      ...cell.metadata,
      ...(cell.slot === "imports" && { editable: false }),
      steplab: { slot: { name: cell.slot ?? "body", required: false, repeat: true } },
    },
  }));
  const imports = processing().cells.find(({ slot }) => slot === "imports")?.source ?? "";
  await using project = await projectWith({
    "templates/house.ipynb": {
      ...withCells(template, slots),
      metadata: { steplab: { template: { name: "house" } } },
    },
    [PATH]: processing({ template: "house", imports: imports.split("\n").toReversed().join("\n") }),
  });
  expect((await fix(project)).left).toEqual([]);
  const restored = await notebookOf(project);
  expect(restored.cells.find(({ slot }) => slot === "imports")).toMatchObject({
    source: imports,
    metadata: { editable: false },
  });
});

test("the diagram is drawn again, in the document's own line ends", async () => {
  const stale = replaced(DOCUMENT, "  collect --> process\n", "  process --> collect\n");
  await using project = await projectWith({ "PIPELINE.md": stale.replaceAll("\n", "\r\n") });
  expect(await fix(project)).toEqual({ changed: ["PIPELINE.md"], left: [] });
  expect(await project.read("PIPELINE.md")).toBe(DOCUMENT.replaceAll("\n", "\r\n"));
});

test("made ids are written down", async () => {
  const raw = JSON.parse(writeNotebook(processing())) as {
    nbformat_minor: number;
    cells: { id?: string }[];
  };
  raw.nbformat_minor = 4;
  for (const cell of raw.cells) delete cell.id;
  await using project = await projectWith({ [PATH]: JSON.stringify(raw) });
  expect(await fix(project)).toEqual({ changed: [PATH], left: [] });
  expect(JSON.parse(await project.read(PATH))).toMatchObject({
    nbformat_minor: 5,
    cells: [{ id: expect.any(String) }, {}, {}, {}, {}, {}, {}],
  });
});

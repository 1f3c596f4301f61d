import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  makeNotebook,
  readNotebook,
  SLOT_NAMES,
  writeNotebook,
  type Notebook,
} from "../../core/notebook/index.ts";
import { renderDiagnostic } from "../../core/render-diagnostic.ts";
import { lint } from "../../pipeline/lint/index.ts";
import { sectionText } from "../../pipeline/scaffold/add-section.ts";
import { newStageNotebook } from "../../pipeline/scaffold/new-stage.ts";
import { BODY, readTemplate, readTemplates } from "../../pipeline/templates.ts";
import { schemaFaults } from "../notebook/schema.ts";
import { stageNotebook } from "../rig/notebook.ts";
import { makeProject, repositoryRoot } from "../rig/project.ts";

const folder = `${repositoryRoot}/templates`;
const { templates } = readTemplates(repositoryRoot);
const names = ["collect", "validate", "process", "build", "train", "deploy", "explore"];

test("the six stages and explore are shipped", () => {
  expect([...templates.keys()].toSorted()).toEqual(names.toSorted());
});

test.each(names)(
  "%s is a valid notebook in Jupyter's own form, with its slots in order",
  (name) => {
    const text = readFileSync(`${folder}/${name}.ipynb`, "utf8");
    expect(schemaFaults(JSON.parse(text))).toEqual([]);
    const { notebook, diagnostics } = readNotebook(text, name);
    expect(diagnostics).toEqual([]);
    expect(notebook && writeNotebook(notebook)).toBe(text);
    const slots = templates.get(name)?.slots.map((slot) => slot.name) ?? [];
    const order = SLOT_NAMES.filter((slot) => slot !== "injected-parameters");
    expect(slots).toEqual(order.toSpliced(order.indexOf("checks"), 0, BODY as never));
  },
);

test.each(names)(
  "%s has one line of guidance a slot, and locks exactly its required slots",
  (name) => {
    for (const slot of templates.get(name)?.slots ?? []) {
      expect(slot.guidance).toMatch(/^[A-Z].{20,110}[.?]$/);
      expect(slot.cell.metadata.deletable === false).toBe(slot.required);
    }
  },
);

test("stages made of the templates lint clean, types included", async () => {
  const wires: Record<string, Record<string, string>> = {
    collect: { delivery: "data/x.csv" },
    validate: { rows: "collect.rows" },
    process: { rows: "validate.rows" },
    build: { rows: "process.rows" },
    train: { rows: "data/y.parquet" },
    deploy: { model: "train.model" },
  };
  const files: Record<string, string | Notebook> = {
    "test/x.test.ts": names.map((name) => `notebooks/${name}.ipynb`).join(" "),
  };
  let document = "---\npipeline: all\n---\n\n";
  for (const name of names) {
    const template = templates.get(name);
    if (!template) throw new Error(`no template ${name}`);
    const notebook = `notebooks/${name}.ipynb`;
    files[notebook] = newStageNotebook(template);
    if (name !== "explore")
      document += `${sectionText({ name, title: template.title, prose: "", notebook, inputs: wires[name] ?? {} })}\n`;
  }
  await using project = await makeProject({ ...files, "PIPELINE.md": document });
  const { diagnostics, order } = await lint(project.root, { cacheDir: null });
  expect(diagnostics.map(renderDiagnostic)).toEqual([]);
  expect(order).toEqual(names.slice(0, 6));
});

test("a new stage holds the template's cells without what the template says of them", () => {
  const template = templates.get("process");
  if (!template) throw new Error("no template process");
  const notebook = newStageNotebook(template);
  expect(notebook.metadata.steplab).toEqual({ template: "process" });
  expect(notebook.cells.map(({ id }) => id)).toEqual([
    "description",
    "imports",
    "parameters",
    "inputs",
    "outputs",
    "body",
    "checks",
  ]);
  expect(writeNotebook(notebook)).not.toContain("guidance");
  expect(
    sectionText({
      name: "clean",
      title: "Clean up",
      prose: "",
      notebook: "notebooks/2-clean.ipynb",
      inputs: { rows: "collect.rows" },
    }),
  ).toBe(`## Clean up

\`\`\`yaml stage
name: clean
notebook: notebooks/2-clean.ipynb
inputs:
  rows: collect.rows
\`\`\`
`);
});

test("a project's own template wins over the shipped one of its name", async () => {
  const own = makeNotebook(stageNotebook().cells, {
    steplab: { template: { name: "process", title: "Ours" } },
  });
  await using project = await makeProject({ "templates/process.ipynb": own });
  const read = readTemplates(project.root);
  expect(read.templates.get("process")?.title).toBe("Ours");
  expect(read.templates.size).toBe(names.length);
});

test("a template's cell that says no slot is an error at the template", () => {
  const { template, diagnostics } = readTemplate(
    writeNotebook(makeNotebook([...stageNotebook({ body: "1" }).cells])),
    "templates/mine.ipynb",
  );
  expect(template?.name).toBe("mine");
  expect(diagnostics.map(renderDiagnostic)).toEqual([
    `error structure/unknown-template  templates/mine.ipynb, cell 6
  Cell 6 of this template says no slot.
  Hint: give it \`"steplab": { "slot": { "name": …, "required": …, "repeat": …, "guidance": … } }\` in its metadata.`,
  ]);
});

test("there is no template that nobody lists", () => {
  expect(readdirSync(folder).toSorted()).toEqual(names.map((name) => `${name}.ipynb`).toSorted());
});

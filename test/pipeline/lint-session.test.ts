import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeNotebook, type Notebook } from "../../core/notebook/index.ts";
import { lint, openLint, type LintSession } from "../../pipeline/lint/index.ts";
import type { Project } from "../rig/project.ts";
import {
  collect,
  documentWith,
  IMPORTS,
  processing,
  projectWith,
  replaced,
  soundFiles,
} from "./sound-project.ts";

let project: Project;
let session: LintSession;

beforeAll(async () => {
  project = await projectWith({});
  session = openLint(project.root);
});

afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

const SCHEMA = soundFiles()["notebooks/schemas.ts"] as string;
const PROCESS = "notebooks/process.ipynb";
const badBody = `const raw = await input.listings.read();
const kept = raw.filter((d) => d.cost >= params.minPrice);
await output.kept.write(kept);`;

/** What people do to a project, one file each; null takes the file away. */
const EDITS: Record<string, string | Notebook | null>[] = [
  { [PROCESS]: processing({ body: badBody }) },
  { [PROCESS]: processing({ body: "const raw = ;" }) },
  { [PROCESS]: processing({ outputs: "const output = outputs(nothing);" }) },
  { [PROCESS]: processing({ imports: `${IMPORTS}\nimport { gone } from "./gone.ts";` }) },
  { [PROCESS]: null },
  { "notebooks/gone.ts": "export const gone: string = 1;" },
  { "notebooks/schemas.ts": replaced(SCHEMA, "price", "cost") },
  { "notebooks/schemas.ts": `${SCHEMA}export const wrong: number = "x";\n` },
  { "notebooks/schemas.ts": null },
  {
    "notebooks/collect.ipynb": collect({
      outputs: `const output = outputs({ listings: a.table(Listing.omit({ price: true })) });`,
    }),
  },
  { "notebooks/collect.ipynb": collect({ body: "Math.random();" }) },
  { "notebooks/extra.ipynb": processing({ template: "explore" }) },
  documentWith("collect.listings }", "nowhere.listings }"),
  documentWith("name: process", "name: proces"),
  {
    "tsconfig.json": `{ "compilerOptions": { "strict": false, "module": "nodenext", "target": "esnext", "lib": ["esnext"], "types": ["node"], "skipLibCheck": true } }`,
  },
  { "tsconfig.json": `{ "compilerOptions": { "module": "nonsense" } }` },
  { "test/stages.test.ts": "" },
];

test("a session says what a fresh lint says, after any edits", async () => {
  const [steps = []] = fc.sample(fc.shuffledSubarray(EDITS, { minLength: EDITS.length }), {
    numRuns: 1,
    seed: 7,
  });
  const isOfNotebook = (edit: object): boolean => Object.keys(edit)[0]?.endsWith(".ipynb") === true;
  // Notebooks one by one: after any other file, everything is asked again. Others two at a time, to save time.
  const notebooks = steps.filter(isOfNotebook);
  const others = steps.filter((edit) => !isOfNotebook(edit));
  for (const edit of notebooks) await expectTheSameAfter(edit);
  await restore();
  for (let at = 0; at < others.length; at += 2) {
    await expectTheSameAfter({ ...others[at], ...others[at + 1] });
    // Flaws pile up, and then all are mended: none must be remembered.
    if (at === 4) await restore();
  }
  await restore();
  expect((await session.lint()).diagnostics).toEqual([]);
});

async function expectTheSameAfter(edit: (typeof EDITS)[number]): Promise<void> {
  for (const [path, content] of Object.entries(edit)) await put(path, content);
  const { diagnostics } = await session.lint();
  const fresh = await lint(project.root);
  expect(diagnostics, Object.keys(edit).join()).toEqual(fresh.diagnostics);
}

test("unsaved texts stand for the files, until they are taken back", async () => {
  const overlay = new Map([
    [PROCESS, writeNotebook(processing({ body: badBody }))],
    ["notebooks/schemas.ts", `${SCHEMA}export const wrong: number = "x";\n`],
  ]);
  const unsaved = await session.lint({ overlay });
  expect(unsaved.diagnostics.map(({ code, at }) => [code, at.file, at.line, at.column])).toEqual([
    ["types/error", PROCESS, 2, 34],
    ["types/error", "notebooks/schemas.ts", 7, 14],
  ]);
  expect((await session.lint()).diagnostics).toEqual([]);
  for (const [path, text] of overlay) await project.write(path, text);
  expect((await session.lint()).diagnostics).toEqual(unsaved.diagnostics);
});

async function put(path: string, content: string | Notebook | null): Promise<void> {
  if (content === null) await project.remove(path);
  else await project.write(path, content);
}

async function restore(): Promise<void> {
  const sound = soundFiles();
  for (const path of new Set(EDITS.flatMap((edit) => Object.keys(edit))))
    await put(path, sound[path] ?? null);
}

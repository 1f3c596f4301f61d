import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Diagnostic } from "../../core/diagnostic.ts";
import { writeNotebook } from "../../core/notebook/index.ts";
import { lint } from "../../pipeline/lint/index.ts";
import { KernelClient } from "../rig/kernel-client.ts";
import { stageNotebook } from "../rig/notebook.ts";
import { childrenOf } from "../rig/processes.ts";
import { makeProject, type Project } from "../rig/project.ts";

let project: Project;
let kernel: KernelClient;

const IMPORTS = `import { z, a, inputs, parameters, type Table } from "steplab";
import { Listing } from "./schemas/listing.ts";`;

beforeAll(async () => {
  project = await makeProject({
    "PIPELINE.md": "",
    "notebooks/schemas/listing.ts": `import { z } from "steplab";
export const Listing = z.object({
  id: z.int(),
  price: z.number().describe("nightly price, USD"),
  city: z.enum(["Bronx", "Queens"]),
});
export interface Extra { before: string }
export declare const extra: Extra;
`,
  });
  kernel = await startKernel();
  await run("imports", IMPORTS);
  await run(
    "parameters",
    `const params = parameters({ least: z.number().default(10).describe("kept from here on") });`,
  );
  await run(
    "rows",
    `type Row = z.infer<typeof Listing>;
/**
 * Makes rows.
 * @param count how many
 * @returns all alike
 */
function rowsOf(count: number, label = "x"): Row[] { return Array.from({ length: count }, (_, id) => ({ id, price: id, city: "Bronx" })); }
const rows = rowsOf(3);
const table = undefined as unknown as Table<Row>;`,
  );
});

afterAll(async () => {
  await kernel[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

async function startKernel(env: Record<string, string> = {}): Promise<KernelClient> {
  return await KernelClient.start({
    folder: project.root,
    env: { STEPLAB_NOTEBOOK: project.path("notebooks/explore.ipynb"), ...env },
  });
}

/** Executes a cell as JupyterLab does, which names it. */
async function run(cellId: string, code: string, of = kernel): Promise<void> {
  const { reply, error } = await of.execute(code, {}, { cellId });
  expect(reply.content["status"], error?.evalue).toBe("ok");
}

/** `|` stands where the cursor is. */
function at(code: string): { code: string; cursor_pos: number } {
  const before = code.slice(0, code.indexOf("|"));
  return { code: code.replace("|", ""), cursor_pos: Array.from(before).length };
}

async function complete(code: string, of = kernel): Promise<string[]> {
  const { reply } = await of.request("complete_request", at(code));
  return reply.content["matches"] as string[];
}

async function inspect(code: string, detail_level = 0): Promise<string> {
  const { reply } = await kernel.request("inspect_request", { ...at(code), detail_level });
  const data = reply.content["data"] as Record<string, string>;
  expect(reply.content["found"]).toBe("text/plain" in data);
  return data["text/plain"] ?? "";
}

describe("completion", () => {
  test.each([
    ["columns of a table", "table.filter((d) => d.pri|", ["price"]],
    ["columns in strings", `table.orderby("|")`, ["city", "id", "price"]],
    ["values of an enum", `const r: Row = { id: 1, price: 2, city: "|" }`, ["Bronx", "Queens"]],
    ["members of an object that is being written", "const r: Row = { id: 1, pr|", ["price"]],
    ["parameters", "params.|", ["least"]],
    [
      "names of a function around",
      "rows.map((single) => { const inside = 1; return sin|",
      ["single"],
    ],
    ["not names of functions elsewhere", "lab|", []],
    [
      "names of the cell itself, behind code that does not parse",
      "const mine = 1;\nif (min|",
      ["mine"],
    ],
    ["types where a type stands", "const x: Ro|", ["Row"]],
    ["what a module exports", `import { ext| } from "./schemas/listing.ts"`, ["extra", "Extra"]],
    ["packages", `import { z } from "zo|"`, ["zod"]],
    ["files", `import { Listing } from "./schemas/|"`, ["listing.ts"]],
    [
      "files of an import that is not finished",
      `const first = 1\nimport { x } from './sch|`,
      ["schemas"],
    ],
    ["nothing in comments", "// ta|", []],
    ["nothing after dots in comments and text", `// JSON.par\n"JSON.par|"`, []],
    ["nothing in text", `const s = "ta|"`, []],
  ])("knows %s", async (_what, code, matches) => {
    expect(await complete(code)).toEqual(matches);
  });

  test("counts code points, and says which kind of thing each is", async () => {
    const { reply } = await kernel.request("complete_request", at(`"😀" + table.fil|`));
    expect(reply.content).toEqual({
      status: "ok",
      matches: ["filter"],
      cursor_start: 12,
      cursor_end: 15,
      metadata: {
        _jupyter_types_experimental: [{ text: "filter", type: "method", start: 12, end: 15 }],
      },
    });
  });

  test("after a rename in another cell, offers the new name and not the old one", async () => {
    await run("renamed", "const cheapest = 1;");
    expect(await complete("cheap|")).toEqual(["cheapest"]);
    await run("renamed", "const cheapLimit = 1;");
    expect(await complete("cheap|")).toEqual(["cheapLimit"]);
  });

  test("of a name declared twice the latest counts, and what was made of the first keeps its type", async () => {
    await run("first", `const thing = { early: 1 }; const made = thing;`);
    await run("second", `const thing = { late: "x" };`);
    expect(await complete("thing.|")).toEqual(["late"]);
    expect(await complete("made.|")).toEqual(["early"]);
    await run("first", `const thing = { early: 1 }; const made = thing;`);
    expect(await complete("thing.|")).toEqual(["early"]);
  });

  test("knows what only exists at run time", async () => {
    await run("live", `globalThis.fromNowhere = { deep: 1 }; const untyped: any = { hidden: 1 };`);
    expect(await complete("fromNow|")).toEqual(["fromNowhere"]);
    expect(await complete("globalThis.fromNow|")).toEqual(["fromNowhere"]);
    expect(await complete("fromNowhere.de|")).toEqual(["deep"]);
    expect(await complete("untyped.hid|")).toEqual(["hidden"]);
  });

  test("sees local modules as they were last saved, and new ones", async () => {
    expect(await complete("import('./schemas/listing.ts').then((m) => m.extra.|")).toEqual([
      "before",
    ]);
    const path = "notebooks/schemas/listing.ts";
    await project.write(path, (await project.read(path)).replace("before", "afterwards"));
    expect(await complete("import('./schemas/listing.ts').then((m) => m.extra.|")).toEqual([
      "afterwards",
    ]);
    await project.write("notebooks/later/new.ts", "export const fresh = { found: 1 };");
    expect(await complete("import('./later/new.ts').then((m) => m.fresh.|")).toEqual(["found"]);
  });

  test("answers while a cell computes", async () => {
    const id = kernel.send("execute_request", { code: `console.log("go"); for (;;);` });
    await kernel.message((m) => m.parent_header.msg_id === id && m.content["text"] === "go\n");
    expect(await complete("table.fil|")).toEqual(["filter"]);
    await kernel.interrupt();
    await kernel.answerOf(id);
  });
});

describe("inspection", () => {
  test("shows a function's declaration and what was written about it", async () => {
    expect(await inspect("rows|Of(1)")).toBe(
      `function rowsOf(count: number, label?: string): { id: number; price: number; city: "Bronx" | "Queens"; }[]

Makes rows.

- \`count\`: how many
- *returns*: all alike`,
    );
  });

  test("shows a column's type and what its schema says", async () => {
    expect(await inspect("table.filter((d) => d.price| > 3)")).toBe(
      "(property) price: number\n\nnightly price, USD",
    );
    expect(await inspect("params.least|")).toBe(
      "(property) least: number\n\nkept from here on\n\nnumber\n10",
    );
  });

  test("shows a variable's type and value", async () => {
    expect(await inspect("const x = row|s")).toMatch(
      /^const rows: \{[^]*price: number[^]*\}\[\]\n\nArray\n\[\n {2}\{ id: 0/,
    );
  });

  test("shows in the parentheses of a call what is to be given", async () => {
    expect(await inspect("rowsOf(1, |)")).toBe(
      `rowsOf(count: number, label?: string): { id: number; price: number; city: "Bronx" | "Queens"; }[]

\`label?: string\`

Makes rows.`,
    );
  });

  test("is markdown too, and finds nothing where nothing stands", async () => {
    const { reply } = await kernel.request("inspect_request", {
      ...at("params.least|"),
      detail_level: 0,
    });
    expect(reply.content["data"]).toMatchObject({
      "text/markdown":
        "```typescript\n(property) least: number\n```\n\nkept from here on\n\n```text\nnumber\n10\n```",
    });
    expect(await inspect("1 + |2")).toBe("");
  });
});

describe("the comm steplab.types", () => {
  let asked = 0;

  async function ask(question: Record<string, unknown>): Promise<Record<string, unknown>> {
    const data = { version: 1, id: ++asked, ...question };
    const sent = kernel.send("comm_msg", { comm_id: "types", data });
    const reply = await kernel.message(
      (m) => m.parent_header.msg_id === sent && m.header.msg_type === "comm_msg",
    );
    const { version, id, ...outcome } = reply.content["data"] as Record<string, unknown>;
    expect([version, id]).toEqual([1, data.id]);
    return outcome;
  }

  /** A stage's notebook that is not saved anywhere; its cells are `imports`, `inputs`, `outputs`, `body-1`, …. */
  function notebook(body: string): unknown {
    return JSON.parse(
      writeNotebook(
        stageNotebook({
          imports: IMPORTS,
          inputs: "const input = inputs({ listings: a.table(Listing) });",
          body,
        }),
      ),
    );
  }

  beforeAll(() => {
    kernel.send("comm_open", { comm_id: "types", target_name: "steplab.types", data: {} });
  });

  test("says what is not known before the notebook was sent, and what it does not understand", async () => {
    expect(await ask({ ask: "diagnostics" })).toEqual({
      error: { code: "types/not-shown", message: "No notebook has been sent on this comm." },
    });
    expect(await ask({ ask: "hover", cell: "c", line: 0, column: 1 })).toMatchObject({
      error: { code: "wire/invalid-message" },
    });
    expect(await ask({ ask: "rename" })).toEqual({
      error: {
        code: "wire/invalid-message",
        message:
          '"rename" is no question of steplab.types: notebook, diagnostics, completion, hover, signature.',
      },
    });
  });

  test("judges the notebook as lint does, cell by cell, while code runs", async () => {
    const text = notebook(`const raw = await input.listings.read();
raw.filter((d) => d.cost > 3);
Date.now();`);
    const path = project.path("notebooks/stage.ipynb");
    const running = kernel.send("execute_request", { code: `console.log("go"); for (;;);` });
    await kernel.message((m) => m.parent_header.msg_id === running && m.content["text"] === "go\n");
    expect(await ask({ ask: "notebook", path, notebook: text })).toEqual({ answer: {} });
    const { answer } = await ask({ ask: "diagnostics" });
    await kernel.interrupt();
    await kernel.answerOf(running);
    const { cells } = answer as { cells: { cell: string; diagnostics: Diagnostic[] }[] };
    const body = cells.find(({ cell }) => cell === "body-1")?.diagnostics ?? [];
    expect(body.map(({ code, at }) => [code, at.line, at.column])).toEqual([
      ["types/error", 2, 21],
      ["hygiene/clock", 3, 1],
    ]);
    await project.write("notebooks/stage.ipynb", JSON.stringify(text));
    await project.write(
      "PIPELINE.md",
      "---\npipeline: p\n---\n\n## S\n\n```yaml stage\nname: s\nnotebook: notebooks/stage.ipynb\n```\n",
    );
    const whole = (await lint(project.root)).diagnostics.filter(
      ({ at }) => at.cell?.id === "body-1",
    );
    expect(body).toEqual(whole);
  });

  test("completes, explains and shows signatures at a place of a cell", async () => {
    const text = notebook(`const raw = await input.listings.read();
const icon = "😀"; raw.filter((d) => d.pri)`);
    await ask({ ask: "notebook", path: project.path("notebooks/stage.ipynb"), notebook: text });
    const at = { cell: "body-1", line: 2 };
    expect(await ask({ ask: "completion", ...at, column: 43 })).toEqual({
      answer: { from: 40, to: 43, entries: [{ name: "price", kind: "property" }] },
    });
    expect(await ask({ ask: "hover", ...at, column: 25 })).toMatchObject({
      answer: { from: 24, to: 30, documentation: "The rows for which `test` is true, in order." },
    });
    expect(await ask({ ask: "signature", ...at, column: 31 })).toMatchObject({
      answer: { activeSignature: 0, activeParameter: 0, signatures: [{ parameters: [{}] }] },
    });
    expect(await ask({ ask: "hover", cell: "gone", line: 1, column: 1 })).toEqual({
      error: { code: "types/not-shown", message: 'The notebook has no code cell "gone".' },
    });
  });
});

test("a compiler that dies is started again, and the kernel ends quietly", async () => {
  await using own = await startKernel();
  await run("one", "const lonely = { inside: 1 }; const typed = [{ never: 1 }];", own);
  expect(await complete("typed[0]?.nev|", own)).toEqual(["never"]);
  killCompiler(own);
  expect(await complete("typed[0]?.nev|", own)).toEqual(["never"]);
  expect(own.log).toContain("the compiler is started again");
  own.log = "";
  const id = own.send("shutdown_request", { restart: false }, { channel: "control" });
  await own.answerOf(id);
  expect(await own.exited()).toEqual({ code: 0, signal: null });
  expect(own.log).toBe("");
});

test("without a compiler the values there are answer alone", async () => {
  await project.write(
    "no-compiler.cjs",
    `require("node:module").registerHooks({
  resolve(specifier, context, next) {
    if (/^typescript(\\/|$)/.test(specifier)) throw new Error("no compiler here");
    return next(specifier, context);
  },
});
`,
  );
  await using own = await startKernel({
    NODE_OPTIONS: `--require=${JSON.stringify(project.path("no-compiler.cjs"))}`,
  });
  await run("one", "const lonely = { inside: 1 };", own);
  expect(await complete("lonely.ins|", own)).toEqual(["inside"]);
  expect(await complete("lone|", own)).toEqual(["lonely"]);
  expect(own.log).toContain("no compiler here");
  await run("two", "lonely.inside;", own);
});

function compilerOf(of: KernelClient): number | undefined {
  return childrenOf(of.process.pid).find(({ args }) => args.includes("--api"))?.pid;
}

function killCompiler(of: KernelClient): void {
  process.kill(compilerOf(of) ?? Number.NaN, "SIGKILL");
}

test("the compiler opens by itself once a person has run a cell, and never for a runner", async () => {
  await using runners = await startKernel();
  await runners.execute("1", { allow_stdin: false });
  await using own = await startKernel();
  await own.execute("1", { allow_stdin: true });
  await expect.poll(() => compilerOf(own), { timeout: 20_000 }).toBeDefined();
  // Asked for before the other's, it would be there.
  expect(compilerOf(runners)).toBeUndefined();
});

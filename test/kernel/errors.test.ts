import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KernelClient } from "../rig/kernel-client.ts";

let kernel: KernelClient;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steplab-errors-"));
  kernel = await KernelClient.start({ folder });
});

afterAll(async () => {
  await kernel[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** The traceback of a cell numbered 5, as one text. */
async function traceback(code: string, cell = 5): Promise<string> {
  const { error } = await kernel.execute(code, {}, { steplab: { cell } });
  return error?.traceback.join("\n") ?? "no error";
}

describe("a traceback", () => {
  test("names cell and line of what the person wrote, shows the line, and nothing of the kernel's", async () => {
    expect(
      await traceback(`interface Row { price: number }
enum Kind { A, B }

function check(row: Row): never {
  throw new TypeError("too cheap: " + row.price);
}

check({ price: Kind.B });`),
    ).toBe(`TypeError: too cheap: 1
  5 |   throw new TypeError("too cheap: " + row.price);
    |         ^
    at check (cell 5, line 5:9)
    at cell 5, line 8:1`);
  });

  test("crosses cells, and shows the line of the cell that ran", async () => {
    await kernel.execute(
      `const fail = (): never => {\n  throw new Error("below");\n};`,
      {},
      { steplab: { cell: 2 } },
    );
    expect(await traceback(`const x = 1;\n  fail();`)).toBe(`Error: below
  2 |   fail();
    |   ^
    at fail (cell 2, line 2:9)
    at cell 5, line 2:3`);
  });

  test("without a number from the client, the execution count names the cell", async () => {
    const { error, reply } = await kernel.execute("null.x");
    expect(error?.traceback.at(-1)).toBe(
      `    at In [${String(reply.content["execution_count"])}], line 1:6`,
    );
  });

  test("of awaited code names every awaiting line, also behind a library's promise", async () => {
    expect(
      await traceback(`async function load() {
  await null;
  throw new Error("gone");
}
await load();`),
    ).toBe(`Error: gone
  3 |   throw new Error("gone");
    |         ^
    at load (cell 5, line 3:9)
    at async cell 5, line 5:1`);
    expect(
      await traceback(`import { readFile } from "node:fs/promises";
const one = 1;
await readFile("no-such-file.csv");`),
    ).toBe(`Error: ENOENT: no such file or directory, open 'no-such-file.csv'
  3 | await readFile("no-such-file.csv");
    | ^
    at async cell 5, line 3:1`);
  });

  test("shows causes, the parts of an AggregateError, and hints", async () => {
    expect(
      await traceback(`const cause = new Error("disk full");
throw new AggregateError([new Error("one"), 2], "both failed", { cause });`),
    ).toBe(`AggregateError: both failed
  2 | throw new AggregateError([new Error("one"), 2], "both failed", { cause });
    |       ^
    at cell 5, line 2:7
Caused by: Error: disk full
    at cell 5, line 1:15
Error 1 of 2: Error: one
    at cell 5, line 2:27
Error 2 of 2: Uncaught: 2`);
    expect(await traceback(`throw Object.assign(new Error("x"), { hint: "try y" })`)).toContain(
      "\nHint: try y",
    );
  });

  test("of a project module names its file relative to the project, and its own line", async () => {
    writeFileSync(
      join(folder, "prices.ts"),
      `interface P { v: number }\n\nenum E { A }\n\nexport function parse(p: P): never {\n  throw new RangeError("bad price " + E.A);\n}\n`,
    );
    expect(await traceback(`import { parse } from "./prices.ts";\n\nparse({ v: 1 });`)).toBe(
      `RangeError: bad price 0
  3 | parse({ v: 1 });
    | ^
    at parse (prices.ts:6:9)
    at cell 5, line 3:1`,
    );
  });

  test("tells no absolute path of the project", async () => {
    const text = await traceback(`import x from "./missing.ts";`);
    expect(text).toContain("missing.ts");
    expect(text).not.toContain(folder);
  });

  test("console.log of an error shows the same places", async () => {
    const { stdout } = await kernel.execute(
      `\nconsole.log(new Error("seen"))`,
      {},
      { steplab: { cell: 9 } },
    );
    expect(stdout).toBe("Error: seen\n    at cell 9, line 2:13\n");
  });
});

describe("errors of syntax", () => {
  test.each([
    ["const a = 1;\nconst = 2;", "Unexpected token", 2, 7],
    ["let a: = 3", "Unexpected token", 1, 8],
    ["// ä€😀 before\n  foo(", "Expected `)` but found `EOF`", 2, 7],
    ["let twice = 1;\nlet twice = 2;", "Identifier `twice` has already been declared", 2, 5],
  ])("%j is refused at its place", async (code, message, line, column) => {
    const { error, reply } = await kernel.execute(code, {}, { steplab: { cell: 3 } });
    expect([error?.ename, error?.evalue]).toEqual(["SyntaxError", message]);
    expect(reply.metadata["steplab"]).toMatchObject({ error: { line, column, cell: 3 } });
    expect(error?.traceback.at(-1)).toBe(`    at cell 3, line ${line}:${column}`);
  });

  test("nothing of the cell runs", async () => {
    const { stdout } = await kernel.execute("console.log('ran');\nconst = 1");
    expect(stdout).toBe("");
  });
});

describe("whatever is thrown", () => {
  test.each([
    ["throw 42", "42"],
    ["throw 'text'", "'text'"],
    ["throw undefined", "undefined"],
    ["throw { code: 1 }", "{ code: 1 }"],
    ["await Promise.reject(null)", "null"],
  ])("%s is told as it is", async (code, evalue) => {
    const { error } = await kernel.execute(code);
    expect([error?.ename, error?.evalue]).toEqual(["Uncaught", evalue]);
  });

  test("an error whose parts are hostile harms nothing", async () => {
    const { error } = await kernel.execute(
      `throw Object.defineProperty(new Error("x"), "message", { get() { throw new Error("inner") } })`,
    );
    expect(error).not.toBeNull();
    expect((await kernel.execute("'alive'")).texts).toEqual(["'alive'"]);
  });

  test("an error of another realm is an error", async () => {
    const { error } = await kernel.execute(
      `import vm from "node:vm"; vm.runInNewContext("throw new TypeError('other realm')")`,
    );
    expect([error?.ename, error?.evalue]).toEqual(["TypeError", "other realm"]);
  });
});

test("the reply tells the runner what the cell cost and where it failed", async () => {
  const { reply } = await kernel.execute(
    `const a = 1;\n  throw new Error("x")`,
    {},
    { steplab: { cell: 4 } },
  );
  expect(reply.metadata["steplab"]).toEqual({
    wallMs: expect.any(Number) as number,
    cpuMs: expect.any(Number) as number,
    peakRssBytes: expect.any(Number) as number,
    messages: 3, // busy, what it runs, its error
    error: { line: 2, column: 9, cell: 4 },
  });
  expect((reply.metadata["steplab"] as { peakRssBytes: number }).peakRssBytes).toBeGreaterThan(
    40e6,
  );
});

test("an error that steplab itself throws shows the person's line and no frame of steplab's", async () => {
  expect(
    await traceback(`import { z, parameters } from "steplab";
const schema = z.object({ a: z.number() });
schema.parse({ a: "x" });
parameters({ n: z.number().default("x" as never) });`),
  ).not.toMatch(/stage\//);
  expect(await traceback(`prompt("Name?");`))
    .toBe(`StepLabError: Nobody is there to answer "Name?": this cell runs without a person.
  1 | prompt("Name?");
    | ^
    at cell 5, line 1:1
Hint: Make the answer a parameter of the stage.`);
});

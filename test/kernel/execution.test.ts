import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KernelClient } from "../rig/kernel-client.ts";

let kernel: KernelClient;

beforeAll(async () => {
  kernel = await KernelClient.start();
});

afterAll(async () => {
  await kernel[Symbol.asyncDispose]();
});

/** Runs cells one after the other; the plain text of what the last one shows. */
async function shown(...cells: string[]): Promise<string | undefined> {
  let text: string | undefined;
  for (const code of cells) {
    const answer = await kernel.execute(code);
    expect(answer.error?.traceback.join("\n")).toBeUndefined();
    text = answer.texts.at(-1);
  }
  return text;
}

async function failure(code: string): Promise<string> {
  const { error } = await kernel.execute(code);
  return `${error?.ename}: ${error?.evalue}`;
}

describe("a cell's result", () => {
  test.each([
    ["1 + 1", "2"],
    ["'a'", "'a'"],
    ["null", "null"],
    ["10n ** 20n", "100000000000000000000n"],
    ["[1, { a: 'b' }]", "[ 1, { a: 'b' } ]"],
    ["new Map([[1, 2]])", "Map(1) { 1 => 2 }"],
    ["({ a: 1 })", "{ a: 1 }"],
    ["{ a: 1, b: [2] }", "{ a: 1, b: [ 2 ] }"],
    ["1, 2, 3", "3"],
    ["await Promise.resolve(7)", "7"],
    ["`${1 + 1} two`", "'2 two'"],
    ["2 as number satisfies number", "2"],
    ["1; // a comment after it", "1"],
  ])("%s is its last expression: %s", async (code, text) => {
    expect(await shown(code)).toBe(text);
  });

  test.each(["undefined", "", "// nothing", "let quiet = 5", "if (true) { 5 }", "void 0;"])(
    "%j shows nothing",
    async (code) => {
      expect(await shown(code)).toBeUndefined();
    },
  );

  test("a value with Jupyter.display shows its bundle, also when it is made later, always with text", async () => {
    const { messages } = await kernel.execute(
      `({ async [Symbol.for("Jupyter.display")]() { return { "text/html": "<b>x</b>" } } })`,
    );
    const data = messages.find((m) => m.header.msg_type === "execute_result")?.content["data"];
    expect(data).toMatchObject({
      "text/html": "<b>x</b>",
      "text/plain": expect.stringContaining("Jupyter.display") as string,
    });
  });

  test("a display that throws is the cell's error", async () => {
    const code = `({ [Symbol.for("Jupyter.display")]() { throw new Error("no picture") } })`;
    expect(await failure(code)).toBe("Error: no picture");
  });
});

describe("names across cells", () => {
  test("every kind of declaration may follow every other", async () => {
    const kinds = [
      "const n = 1",
      "let n = 2",
      "var n = 3",
      "function n() { return 4 }",
      "class n { static v = 5 }",
      "enum n { A = 6 }",
      "namespace n { export const v = 7 }",
      "import n from 'node:path'",
      "using n = { [Symbol.dispose]() {} }",
    ];
    for (const first of kinds) for (const second of kinds) await shown(first, second, "typeof n");
    expect(await shown("const n = 8", "n")).toBe("8");
  });

  test("a closure sees what later cells assign", async () => {
    expect(
      await shown("let cnt = 0; function inc() { cnt++ }", "inc(); inc()", "cnt = 10; inc(); cnt"),
    ).toBe("11");
  });

  test("a function calls the newest declaration of another, and of itself", async () => {
    expect(
      await shown(
        "function helper() { return 'old' }; function user() { return helper() }",
        "function helper() { return 'new' }",
        "user()",
      ),
    ).toBe("'new'");
    expect(
      await shown(
        "function down(n: number): number { return n < 1 ? 0 : 1 + down(n - 1) }",
        "down(5)",
      ),
    ).toBe("5");
  });

  test("functions are hoisted within their cell, async and generator ones too", async () => {
    expect(
      await shown(
        "const early = [f1(), await f2(), [...f3()]]; function f1() { return 1 } async function f2() { return 2 } function* f3() { yield 3 }",
        "early",
      ),
    ).toBe("[ 1, 2, [ 3 ] ]");
  });

  test("a var in a block or a loop is the cell's", async () => {
    expect(
      await shown(
        "for (var i = 0, last = 9; i < 3; i++) { if (i === 1) { var found: number = i } } for (var key in { k: 1 }) {} for (var [p, q] of [[1, 2]]) {}",
        "[i, last, found, key, p, q]",
      ),
    ).toBe("[ 3, 9, 1, 'k', 1, 2 ]");
  });

  test("destructuring with defaults, rest and nesting", async () => {
    expect(
      await shown(
        "const { a, b: { c = 5, ...d } = { e: 1 } as any, ...rest } = { a: 1, x: 2, y: 3 }; let [g, , h = 4] = [1, 2]",
        "[a, c, d, rest, g, h]",
      ),
    ).toBe("[ 1, 5, { e: 1 }, { x: 2, y: 3 }, 1, 4 ]");
  });

  test("functions and classes know their names", async () => {
    expect(
      await shown(
        "const arrow = () => 1; class Named {}; function plain() {}; [arrow.name, Named.name, plain.name]",
      ),
    ).toBe("[ 'arrow', 'Named', 'plain' ]");
  });

  test("after a cell that failed half-way, the values of before are still there", async () => {
    await shown("const kept = 'before'");
    expect(await failure("throw new Error('x'); const kept = 'after'")).toBe("Error: x");
    expect(await shown("kept")).toBe("'before'");
  });

  test("let without a value begins as undefined every time", async () => {
    expect(await shown("let blank = 1", "let blank: number | undefined; blank ?? 'blank'")).toBe(
      "'blank'",
    );
  });
});

describe("TypeScript", () => {
  test("enums and namespaces run again cleanly", async () => {
    const code =
      "enum Size { S, M = 5, L }; namespace Area { export const of = (s: Size) => s * 2 }; [Size.L, Size[5], Area.of(Size.M)]";
    expect(await shown(code, code)).toBe("[ 6, 'M', 10 ]");
    expect(await shown("enum Size { OnlyThis }; Object.keys(Size)")).toBe("[ '0', 'OnlyThis' ]");
  });

  test("parameter properties, abstract classes, overloads, generics and satisfies", async () => {
    expect(
      await shown(`
abstract class Shape<T extends number> { constructor(protected readonly size: T) {} abstract area(): number }
class Square extends Shape<number> { override area() { return this.size ** 2 } }
function twice(n: number): number; function twice(n: string): string; function twice(n: any) { return n + n }
const config = { deep: { v: 1 } } as const satisfies { deep: { v: number } };
declare const ghost: number;
interface Nothing { here: true } type Also = Nothing;
[new Square(3).area(), twice("a"), config.deep.v]`),
    ).toBe("[ 9, 'aa', 1 ]");
  });

  test("export is read over", async () => {
    expect(await shown("export const exported = 1; export default exported + 1", "exported")).toBe(
      "1",
    );
    expect(
      await shown(
        "const one = 1; export { one }; export default function () {} export * from 'node:path'; export { sep } from 'node:path'",
        "one",
      ),
    ).toBe("1");
  });
});

describe("a cell is strict, like a module", () => {
  test("assigning to an undeclared name throws", async () => {
    expect(await failure("undeclared = 1")).toBe("ReferenceError: undeclared is not defined");
  });

  test("this is undefined, and arguments does not exist", async () => {
    expect(
      await shown(
        "[typeof this, (() => typeof this)(), (function (this: unknown) { return typeof this })()]",
      ),
    ).toBe("[ 'undefined', 'undefined', 'undefined' ]");
    expect(await failure("arguments")).toBe("ReferenceError: arguments is not defined");
  });

  test("return outside a function and a name declared twice are errors of syntax", async () => {
    expect(await failure("return 5")).toMatch(/^SyntaxError: .*return/);
    expect(await failure("let dup = 1; let dup = 2")).toMatch(
      /^SyntaxError: .*dup.* already been declared/,
    );
  });

  test("the kernel's own helper cannot be declared away", async () => {
    expect(await failure("let $steplab = 1")).toMatch(/^SyntaxError/);
    expect(await shown("1 + 1")).toBe("2");
  });
});

describe("using", () => {
  const resource = (name: string): string => `{ [Symbol.dispose]() { console.log("${name}") } }`;

  test("resources are disposed in reverse when the cell ends, await using too", async () => {
    const { stdout } = await kernel.execute(
      `using a1 = ${resource("a")}; await using b1 = { async [Symbol.asyncDispose]() { await null; console.log("b") } }; console.log("body")`,
    );
    expect(stdout).toBe("body\nb\na\n");
  });

  test("also after an error, which stays the cell's error", async () => {
    const { stdout, error } = await kernel.execute(
      `using a2 = ${resource("a")}; throw new Error("body failed")`,
    );
    expect([stdout, error?.evalue]).toEqual(["a\n", "body failed"]);
  });

  test("an error of a disposal does not hide the cell's own", async () => {
    const { error } = await kernel.execute(
      `using a3 = { [Symbol.dispose]() { throw new Error("disposal") } }; throw new Error("body")`,
    );
    expect(error?.ename).toBe("SuppressedError");
    expect(error?.traceback.join("\n")).toMatch(/disposal[^]*body/);
  });

  test("in a block at the end of the block; null is no resource; what cannot be disposed is an error", async () => {
    const { stdout } = await kernel.execute(
      `{ using inner = ${resource("inner")}; } console.log("after"); using none = null`,
    );
    expect(stdout).toBe("inner\nafter\n");
    expect(await failure("using bad = {}")).toMatch(/^TypeError: .*dispose/);
  });
});

describe("asynchronous code", () => {
  test("await, for await and await inside functions at the top level", async () => {
    const { stdout } = await kernel.execute(
      "for await (const v of (async function* () { yield 1; yield 2 })()) console.log(v); const later = async () => { await null; return 3 }; console.log(await later())",
    );
    expect(stdout).toBe("1\n2\n3\n");
  });

  test("microtasks keep the order the language gives them", async () => {
    const { stdout } = await kernel.execute(
      "const order = async () => { await null; console.log(1); await null; console.log(3) }; order(); Promise.resolve().then(() => console.log(2)).then(() => console.log(4)); await new Promise((r) => setTimeout(r, 1))",
    );
    // Node's own order for a module of the same text: 1 2 3 4.
    expect(stdout).toBe("1\n2\n3\n4\n");
  });
});

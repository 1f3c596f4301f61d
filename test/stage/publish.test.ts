import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOfFile } from "../../core/digest.ts";
import { a, inputs, outputs, secret, z } from "../../stage/index.ts";
import { StageHost } from "../rig/stage-host.ts";

let host: StageHost;
beforeEach(() => void (host = new StageHost()));
afterEach(() => host[Symbol.dispose]());

const Row = z.object({ id: z.int() });

describe("a write that nobody awaited", () => {
  test("is finished before its cell ends", async () => {
    void outputs({ rows: a.table(Row) }).rows.write([{ id: 1 }]);
    expect(host.facts).toEqual([]);
    await host.endCell();
    expect(existsSync(host.staged("rows"))).toBe(true);
  });
  test("fails its cell when it fails", async () => {
    void outputs({ rows: a.table(Row) }).rows.write([{ id: 1.5 }]);
    await expect(host.endCell()).rejects.toThrow('Output "rows", row 1, column "id"');
  });
  test("is finished before the stage succeeds, also when it was begun after the last cell", async () => {
    void outputs({ rows: a.table(Row) }).rows.write([{ id: 1 }]);
    await host.settle();
    expect(host.output("rows").kind).toBe("table");
  });
});

test("a failed write that somebody awaited is theirs", async () => {
  const { rows } = outputs({ rows: a.table(Row) });
  await rows.write([{ id: 1.5 }]).catch(() => {});
  await host.endCell();
});

test("an output is written once", () => {
  const { mae, report } = outputs({ mae: a.metric({ goal: "min" }), report: a.json(z.string()) });
  void report.write("a");
  expect(() => report.write("b")).toThrow('This stage has already written its output "report".');
  mae.write(1);
});

test("a stage that ends without one of its outputs has not succeeded", async () => {
  const output = outputs({
    report: a.json(z.string()),
    mae: a.metric({ goal: "min" }),
    rows: a.table(Row),
  });
  await output.report.write("done");
  await expect(host.settle()).rejects.toMatchObject({
    code: "output/not-written",
    message: 'The stage ended without writing its outputs "mae", "rows".',
  });
});

test("an input that nothing is bound to says how to wire it", async () => {
  const { rows } = inputs({ rows: a.table(Row) });
  await expect(rows.read()).rejects.toMatchObject({
    code: "input/not-bound",
    message: 'Nothing is bound to the input "rows".',
  });
});

test("an input of another kind than declared is refused", async () => {
  using _ = new StageHost({ inputs: { rows: { path: import.meta.filename, kind: "json" } } });
  await expect(inputs({ rows: a.table(Row) }).rows.read()).rejects.toThrow(
    'The input "rows" is declared as a table; what is bound to it is a json.',
  );
});

describe("json", () => {
  const Report = z.object({ b: z.date(), a: z.bigint(), words: z.array(z.string()).optional() });
  test("is readable, sorted, and read back with its types", async () => {
    const value = { b: new Date("2019-05-26T00:00:00Z"), a: 12n };
    await outputs({ report: a.json(Report) }).report.write(value);
    expect(readFileSync(host.staged("report"), "utf8")).toBe(
      '{\n  "a": "12",\n  "b": "2019-05-26T00:00:00.000Z"\n}\n',
    );
    using next = new StageHost({
      inputs: { report: { path: host.staged("report"), kind: "json" } },
    });
    const { report } = inputs({ report: a.json(Report) });
    expect(await report.read()).toEqual(value);
    await outputs({ report: a.json(Report) }).report.write(report);
    expect(next.output("report").digest).toBe(digestOfFile(host.staged("report")).digest);
  });
  test("that does not fit is refused, the place named", async () => {
    const { report } = outputs({ report: a.json(z.object({ n: z.array(z.int().max(3)) })) });
    await expect(report.write({ n: [1, 9] })).rejects.toThrow(
      'Output "report" does not fit its schema: n.1: ',
    );
  });
  test("that is none is refused when read", async () => {
    using _ = new StageHost({ inputs: { report: { path: import.meta.filename, kind: "json" } } });
    await expect(inputs({ report: a.json(Report) }).report.read()).rejects.toMatchObject({
      code: "json/invalid",
    });
  });
});

describe("files and folders", () => {
  test("text and bytes are kept as they are, named by their media type", async () => {
    const output = outputs({ page: a.file({ media: "text/html" }), raw: a.file() });
    await output.page.write("<p>");
    await output.raw.write(new Uint8Array([1, 2, 255]));
    expect(host.output("page")).toMatchObject({
      staged: "page.html",
      mediaType: "text/html",
      summary: { bytes: 3 },
    });
    expect([...readFileSync(host.staged("raw"))]).toEqual([1, 2, 255]);
    using next = new StageHost({
      inputs: { page: { path: host.staged("page"), kind: "file", mediaType: "text/html" } },
    });
    const { page } = inputs({ page: a.file() });
    expect(await page.text()).toBe("<p>");
    expect((await page.bytes()).length).toBe(3);
    await outputs({ again: a.file() }).again.write(page);
    expect(next.output("again")).toMatchObject({
      mediaType: "text/html",
      digest: digestOfFile(host.staged("page")).digest,
    });
  });

  test("a folder is written in any cell, and told when the stage settles", async () => {
    const { bundle } = outputs({ bundle: a.folder() });
    const path = await bundle.path();
    mkdirSync(join(path, "sub"));
    writeFileSync(join(path, "sub", "b.txt"), "b");
    await host.endCell();
    writeFileSync(join(path, "a.txt"), "aa");
    await host.settle();
    expect(host.output("bundle")).toMatchObject({
      staged: "bundle",
      summary: { files: 2, bytes: 3 },
    });
    using _ = new StageHost({ inputs: { bundle: { path, kind: "folder" } } });
    const input = inputs({ bundle: a.folder() });
    expect((await input.bundle.list()).map((file) => file.path)).toEqual(["a.txt", "sub/b.txt"]);
    expect(await input.bundle.path()).toBe(path);
  });
});

test("metrics are figures or series, and nothing but finite numbers", () => {
  const { mae, loss } = outputs({
    mae: a.metric({ goal: "min", unit: "USD" }),
    loss: a.metric({ goal: "min" }),
  });
  mae.write(32.1);
  loss.log(1, 0.5);
  loss.log(2, 0.25);
  expect(host.metrics).toEqual([
    { fact: "metric", name: "mae", value: 32.1 },
    { fact: "metric", name: "loss", value: 0.5, step: 1 },
    { fact: "metric", name: "loss", value: 0.25, step: 2 },
  ]);
  expect(() => mae.write(Number.NaN)).toThrow(
    'Metric "mae" was given NaN: a metric is a finite number.',
  );
});

test("a secret comes from the environment, and its absence is said without its value", () => {
  process.env["STEPLAB_TEST_SECRET"] = "hush-hush";
  expect(secret("STEPLAB_TEST_SECRET")).toBe("hush-hush");
  process.env["STEPLAB_TEST_SECRET"] = "hush";
  expect(() => secret("STEPLAB_TEST_SECRET")).toThrow(
    "The secret STEPLAB_TEST_SECRET has fewer than 6 characters, so it cannot be kept out of what is shown.",
  );
  delete process.env["STEPLAB_TEST_SECRET"];
  expect(() => secret("STEPLAB_TEST_SECRET")).toThrow("The secret STEPLAB_TEST_SECRET is not set.");
});

describe("what importing costs", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  async function loadedBy(code: string): Promise<string[]> {
    const report = `import { registerHooks } from "node:module"; const seen = new Set(); registerHooks({ resolve(s, c, n) { const r = n(s, c); const m = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(r.url); if (m) seen.add(m[1]); return r } }); process.on("exit", () => console.log(JSON.stringify([...seen])));`;
    const run = promisify(execFile);
    const { stdout } = await run(
      process.execPath,
      ["--input-type=module", "-e", `${report}\n${code}`],
      { cwd: root },
    );
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "[]") as string[]; // what the line above prints
  }
  test("a notebook that only declares loads zod, and neither arquero, DuckDB, Vega nor the compiler", async () => {
    const declares = `const { z, a, parameters, inputs, outputs } = await import("./stage/index.ts"); parameters({ n: z.int().default(1) }); inputs({ t: a.table(z.object({ id: z.int() })) }); outputs({ m: a.metric({ goal: "min" }) });`;
    expect(await loadedBy(declares)).toEqual(["zod"]);
  });
  test("none of Node's modules that only few stages use", async () => {
    const code = `await import("./stage/index.ts"); console.log(JSON.stringify(process.moduleLoadList));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "-e", code],
      { cwd: root },
    );
    const loaded = JSON.parse(stdout) as string[]; // Node's own list
    expect(loaded).toContain("NativeModule fs");
    for (const rare of ["child_process", "zlib", "readline"])
      expect(loaded).not.toContain(`NativeModule ${rare}`);
  });
  test("tables in memory load arquero, and not DuckDB", async () => {
    const loaded = await loadedBy(
      `const { table } = await import("./stage/index.ts"); table([{ a: 1 }]);`,
    );
    expect(loaded).toContain("arquero");
    expect(loaded).not.toContain("@duckdb/node-api");
  });
});

test("without a kernel a script works too: outputs go to a temporary folder, a failed check fails the process", async () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const code = `import { a, check, outputs, z } from "./stage/index.ts"; void outputs({ t: a.table(z.object({ id: z.int() })) }).t.write([{ id: 1 }]); check("holds", true); check("does not", false);`;
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], {
    cwd: root,
  });
  await expect(run).rejects.toMatchObject({
    code: 1,
    stdout: '✓ passed: "holds"\n✗ failed: "does not"\n',
    stderr: expect.stringContaining('1 check failed:\n  "does not"') as string,
  });
});

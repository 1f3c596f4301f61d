/** What a stage reads past its inputs, in real runs: seen, told, and nothing else told. */
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { UndeclaredRead } from "../../lineage/record.ts";
import type { Project } from "../rig/project.ts";
import { lastRecord, runProject, steplab, type Ran } from "../rig/run.ts";
import { stepProject, type Step } from "../rig/steps.ts";

const IMPORTS = `import { z, a, parameters, inputs, outputs, check, secret } from "steplab";`;

const WRITES = {
  outputs: "const output = outputs({ n: a.json(z.number()) });",
  body: "await output.n.write(1);",
};

/** Reads in every way there is, a line each; the names say the line. */
const READS: Step = {
  ...WRITES,
  imports: `${IMPORTS}
import fs, { readFileSync, existsSync, promises } from "node:fs";
import { readFile, open, opendir } from "node:fs/promises";
import { promisify } from "node:util";
import { zones } from "./zones.ts";
import { parse } from "reader";`,
  body: [
    WRITES.body,
    `readFileSync("data/sync.txt", "utf8");
await readFile(new URL("../data/promise.txt", import.meta.url));
await new Promise((done) => fs.readFile(Buffer.from("data/callback.txt"), done));
await promisify(fs.readFile)("data/promisified.txt");
for await (const _ of fs.createReadStream("data/stream.txt")) break;
await (await open("data/handle.txt")).close();
fs.closeSync(fs.openSync("data/descriptor.txt", "r"));
existsSync("data/nowhere.txt");
["data/mapped.txt"].map((path) => existsSync(path));
await promises.stat("data/size.txt");
try { readFileSync("data/missing.txt"); } catch {}
fs.readdirSync("data/listed"); readFileSync("data/listed/one.txt");
for (let n = 0; n < 100; n++) readFileSync(\`data/many/\${n}.txt\`);
for (let n = 0; n < 100; n++) readFileSync("data/often.txt");
zones();
parse("data/parsed.txt");`,
    `process.env.REGION;
"MODE" in process.env;
const { STAGE_LEVEL } = process.env;`,
    `await fetch(process.env.SERVER + "/data/rates.csv?day=1&apiKey=abc#x");
await fetch(new Request(new URL("/post", process.env.SERVER), { method: "POST" }));
const http = await import("node:http");
await new Promise((done) => http.get(process.env.SERVER + "/plain", (r) => r.resume().on("end", done)));
await (await import("node:dns/promises")).lookup("localhost");
const net = await import("node:net");
await new Promise((done) => net.connect(Number(new URL(String(process.env.SERVER)).port), "localhost").end().on("close", done));`,
  ],
};

/** Does all that is no reading past its inputs. */
const CLEAN: Step = {
  ...WRITES,
  imports: `${IMPORTS}
import fs, { readFileSync, writeFileSync, existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import settings from "./settings.json" with { type: "json" };
import { parse } from "reader";`,
  inputs: { raw: ["a.file()", "data/sync.txt"] },
  body: [
    `readFileSync(await input.raw.path());
await input.raw.text();
await output.n.write(settings.n);
const folder = await mkdtemp(join(tmpdir(), "clean-"));
fs.mkdirSync(join(folder, "deep"));
writeFileSync(join(folder, "deep", "x.txt"), "x");
readFileSync(join(folder, "deep", "x.txt"));
if (!existsSync("cache.txt")) writeFileSync("cache.txt", "1");
readFileSync("cache.txt");
execFileSync(process.execPath, ["-e", "fs.writeFileSync('made.txt', process.env.PASSED)"], { env: { ...process.env, PASSED: "on" } });
fs.rmSync(folder, { recursive: true });
parse("data/not-there.txt");
fs.readFileSync(new URL(import.meta.resolve("reader")));`,
    `secret("TOKEN");
process.env.OWN = "1"; process.env.OWN; process.env.TZ;
JSON.stringify(process.env); Object.entries(process.env); ({ ...process.env });
check("env is an ordinary object", Object.keys(process.env).includes("PATH") && process.env.OWN === "1" && !("then" in Object(1)));
const { readFileSync: named } = fs;
check("functions are what they were", named.name === "readFileSync" && named.length === 2 && fs.exists.length === 2 && typeof fs.realpathSync.native === "function" && named === readFileSync);
let said = ""; try { readFileSync(await input.raw.path(), { encoding: "nonsense" as "utf8" }); } catch (error) { said = (error as { code: string }).code; }
check("and throw what they threw", said === "ERR_INVALID_ARG_VALUE");`,
  ],
};

const FILES = {
  ...Object.fromEntries(
    "sync promise callback promisified stream handle descriptor mapped size often parsed zones listed/one"
      .split(" ")
      .map((name) => [`data/${name}.txt`, "1"]),
  ),
  ...Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`data/many/${n}.txt`, "1"])),
  "notebooks/settings.json": `{ "n": 2 }`,
  "notebooks/zones.ts": `import { readFileSync } from "node:fs";

export const zones = (): string => readFileSync("data/zones.txt", "utf8");
`,
  "node_modules/reader/package.json": `{ "name": "reader", "version": "1.0.0", "main": "index.cjs", "types": "index.d.ts" }`,
  "node_modules/reader/index.d.ts": `export declare function parse(path: string): string;`,
  "node_modules/reader/index.cjs": `const { existsSync, readFileSync } = require("fs");
process.env.FORCE_COLOR; process.env.READER_UNSET; process.env.READER_SET;
existsSync(".readerrc");
exports.parse = (path) => { try { return readFileSync(path, "utf8"); } catch { return ""; } };
`,
};

describe("a run with reads past the inputs", () => {
  let project: Project;
  let server: Server;
  let ran: Ran;

  beforeAll(async () => {
    server = createServer((_, response) => response.end("1"));
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    const { port } = server.address() as { port: number }; // it listens on TCP
    Object.assign(process.env, {
      SERVER: `http://localhost:${port}`,
      REGION: "eu",
      TOKEN: "geheim",
      READER_SET: "1",
      FORCE_COLOR: "0",
    });
    project = await stepProject({ reads: READS, clean: CLEAN }, {}, FILES);
    ran = await runProject(project);
  });

  afterAll(async () => {
    server.close();
    await project[Symbol.asyncDispose]();
  });

  const readsOf = (stage: string): UndeclaredRead[] =>
    ran.record.stages[stage]?.undeclaredReads ?? [];

  test("every way of reading is seen, with the line that did it", () => {
    expect(ran.statuses).toEqual({ reads: "succeeded", clean: "succeeded" });
    const port = new URL(process.env["SERVER"] ?? "").port;
    const lines = readsOf("reads").map(({ kind, name, how, places, count, package: by }) =>
      [
        kind,
        name.replaceAll(port, "PORT"),
        how === "read" ? "" : how,
        by ?? "",
        count === 1 ? "" : `${count} times`,
        ...places.map(({ at }) => `${at.file} ${at.cell?.number ?? ""} line ${at.line}`),
      ]
        .filter(Boolean)
        .join(" | "),
    );
    expect(lines.join("\n")).toMatchInlineSnapshot(`
      "environment | READER_SET | reader
      file | data/sync.txt | notebooks/reads.ipynb 7 line 1
      file | data/promise.txt | notebooks/reads.ipynb 7 line 2
      file | data/callback.txt | notebooks/reads.ipynb 7 line 3
      file | data/promisified.txt | notebooks/reads.ipynb 7 line 4
      file | data/stream.txt | notebooks/reads.ipynb 7 line 5
      file | data/handle.txt | notebooks/reads.ipynb 7 line 6
      file | data/descriptor.txt | notebooks/reads.ipynb 7 line 7
      file | data/nowhere.txt | looked-at | notebooks/reads.ipynb 7 line 8
      file | data/mapped.txt | looked-at | notebooks/reads.ipynb 7 line 9
      file | data/size.txt | looked-at | notebooks/reads.ipynb 7 line 10
      file | data/missing.txt | notebooks/reads.ipynb 7 line 11
      folder | data/listed | 2 times | notebooks/reads.ipynb 7 line 12
      folder | data/many | 100 times | notebooks/reads.ipynb 7 line 13
      file | data/often.txt | 100 times | notebooks/reads.ipynb 7 line 14
      file | data/zones.txt | notebooks/zones.ts  line 3
      file | data/parsed.txt | reader | notebooks/reads.ipynb 7 line 16
      environment | REGION | notebooks/reads.ipynb 8 line 1
      environment | MODE | notebooks/reads.ipynb 8 line 2
      environment | STAGE_LEVEL | notebooks/reads.ipynb 8 line 3
      environment | SERVER | 4 times | notebooks/reads.ipynb 9 line 1 | notebooks/reads.ipynb 9 line 2 | notebooks/reads.ipynb 9 line 4
      address | http://localhost:PORT/data/rates.csv?day=1&apiKey=… | notebooks/reads.ipynb 9 line 1
      address | POST http://localhost:PORT/post | notebooks/reads.ipynb 9 line 2
      address | http://localhost:PORT/plain | notebooks/reads.ipynb 9 line 4
      address | tcp://localhost:PORT | notebooks/reads.ipynb 9 line 7"
    `);
  });

  test("what a stage was given, has made, imports or asks of Node is not told", () => {
    expect(readsOf("clean")).toEqual([
      expect.objectContaining({ kind: "environment", name: "READER_SET", package: "reader" }),
    ]);
    expect(ran.record.stages["clean"]?.checks.map(({ status }) => status)).toEqual([
      "passed",
      "passed",
      "passed",
    ]);
  });
});

test("a file read past the inputs is told, declared by --fix, and read through its input: then all is quiet", async () => {
  const step: Step = {
    ...WRITES,
    imports: `${IMPORTS}\nimport { readFileSync } from "node:fs";`,
    inputs: { raw: ["a.file()", "data/raw.txt"] },
    body: `const zones = readFileSync("data/zone-lookup.csv", "utf8");
await output.n.write(zones.length + (await input.raw.text()).length);`,
  };
  const files = { "data/raw.txt": "1", "data/zone-lookup.csv": "a,b\n" };
  await using project = await stepProject({ make: step }, {}, files);
  const ran = await steplab(project, ["run"]);
  expect(ran.stderr).toMatch(/succeeded +make .*no checks; 1 undeclared read\n/);
  const warning = `warning key/undeclared-read  notebooks/make.ipynb, cell 6, line 1:15
  const zones = readFileSync("data/zone-lookup.csv", "utf8");
                ~
  Stage "make" reads data/zone-lookup.csv, which it does not declare: when that changes, its key does not, and a cached result is taken for current.
  Hint: declare it (\`npx steplab lint --fix\` does): \`zoneLookup: a.file({ media: "text/csv" })\` in the inputs cell, \`zoneLookup: data/zone-lookup.csv\` under \`inputs\` of stage "make"; then read \`await input.zoneLookup.text()\` (or \`.bytes()\`, \`.path()\`, \`.csv(schema)\`) here.
`;
  expect(ran.stdout).toContain(warning);
  const record = lastRecord(project).stages["make"];
  expect([record?.reproducible, record?.notReproducible]).toEqual([
    false,
    ["it reads what it does not declare"],
  ]);

  // A result from the cache rests on it as well.
  const cached = await steplab(project, ["run"]);
  expect(cached.stdout).toContain(warning);
  for (const words of [
    ["show", "last", "make"],
    ["lint", "--no-types"],
  ])
    expect((await steplab(project, words)).stdout).toContain(warning);

  const fixed = await steplab(project, ["lint", "--fix", "--no-types"]);
  expect(fixed.stderr).toBe("mended  notebooks/make.ipynb\nmended  PIPELINE.md\n");
  expect(fixed.stdout).toContain("contract/input-unread");
  expect(fixed.stdout).toContain(
    'reads data/zone-lookup.csv by itself, although that is its input "zoneLookup"',
  );

  const notebook = await project.read("notebooks/make.ipynb");
  const through = notebook.replace(/readFileSync\(.*?\);/, "await input.zoneLookup.text();");
  await project.write("notebooks/make.ipynb", through);
  const again = await steplab(project, ["run"]);
  expect(again.stdout + again.stderr).not.toContain("undeclared");
  expect(lastRecord(project).stages["make"]?.reproducible).toBe(true);
  expect((await steplab(project, ["lint", "--no-types"])).stdout).toMatch(/^0 errors, 0 warnings/);
});

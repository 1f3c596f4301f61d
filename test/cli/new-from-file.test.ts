/** `steplab new --input name=file`: a stage that reads a file nobody has described, and runs as it is. */
import { DuckDBInstance } from "@duckdb/node-api";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeCell, makeNotebook } from "../../core/notebook/index.ts";
import { makeProject, type Project } from "../rig/project.ts";
import { folderOf, lastRecord, steplab } from "../rig/run.ts";

const DOCUMENT = "---\npipeline: odd\nseed: 1\n---\n\n# Odd files\n";

let project: Project;
afterAll(() => project[Symbol.asyncDispose]());

/** By the stage that reads it: the file, its schema, and its first row as the stage has written it. */
const FILES: Record<string, { path: string; text: string; schema: string[]; first: unknown[] }> = {
  plain: {
    path: "plain.csv",
    text: '\uFEFFid,when,at,price,ok,note,"room type"\r\n1,2024-01-31,2024-01-31T10:00:00Z,10.5,true,,"a, ""b"""\r\n2,2024-02-01,2024-02-01,1e3,FALSE,x,c\r\n',
    schema: [
      "id: z.int()",
      "when: z.iso.date()",
      "at: z.date()",
      "price: z.number()",
      "ok: z.boolean()",
      "note: z.string().nullable()",
      '"room type": z.string()',
    ],
    first: [1, "2024-01-31", "2024-01-31 10:00:00", 10.5, true, null, 'a, "b"'],
  },
  digits: {
    path: "digits.csv",
    text: "zip,big,over,gap\n01234,9007199254740993,99999999999999999999,\n99999,5,1,\n",
    schema: [
      "zip: z.string()",
      "big: z.bigint()",
      "over: z.string()",
      "gap: z.string().nullable()",
    ],
    first: ["01234", "9007199254740993", "99999999999999999999", null],
  },
  till: {
    path: "till.csv",
    text: "nr;preis;tag\n1;1.234,50;31.12.2024\n2;3,5;01.01.2025\n",
    schema: ["nr: z.int()", "preis: z.number()", "tag: z.iso.date()"],
    first: [1, 1234.5, "2024-12-31"],
  },
  gaps: {
    path: "gaps.csv",
    text: '"id","p","q"\n1,"1,234",""\n2,"2,234.5",3\n3,NA,5\n',
    schema: ["id: z.int()", "p: z.number().nullable()", "q: z.int().nullable()"],
    first: [1, 1234, null],
  },
  index: {
    path: "index.csv",
    text: ",name,name\n0,a,b\n1,c,d\n",
    schema: ["column0: z.int()", "name: z.string()", "name_1: z.string()"],
    first: [0, "a", "b"],
  },
  names: {
    path: "names.tsv",
    text: 'a`b\t${c}\td\\e\t"f\'"\n1\t2\t3\t4\n5\t6\t7\t8\n',
    schema: ['"a`b": z.int()', '"${c}": z.int()', String.raw`"d\\e": z.int()`, `"f'": z.int()`],
    first: [1, 2, 3, 4],
  },
  grouped: {
    path: "grouped.csv",
    text: "people;share;city\n1.234.567;1.234;a\n12.345;2;b\n",
    schema: ["people: z.number()", "share: z.number()", "city: z.string()"],
    first: [1234567, 1234, "a"],
  },
  american: {
    path: "american.tsv",
    text: "people\tcity\n1,234,567\ta\n12,345\tb\n",
    schema: ["people: z.number()", "city: z.string()"],
    first: [1234567, "a"],
  },
  lines: {
    path: "lines.csv",
    text: '"a\nb",c\n1,NA\n2,3\n',
    schema: [String.raw`"a\nb": z.int()`, "c: z.int().nullable()"],
    first: [1, null],
  },
  log: {
    path: "log.csv",
    text: "2024-01-31T10:00:00Z,login\n2024-01-31T10:05:00Z,logout\n",
    schema: ["column0: z.date()", "column1: z.string()"],
    first: ["2024-01-31 10:00:00", "login"],
  },
  bare: {
    path: "bare.csv",
    text: "1,2.5,x\n2,3.5,y\n3,4.5,z\n",
    schema: ["column0: z.int()", "column1: z.number()", "column2: z.string()"],
    first: [1, 2.5, "x"],
  },
};

beforeAll(async () => {
  const duck = await (await DuckDBInstance.create(":memory:")).connect();
  project = await makeProject({
    "PIPELINE.md": DOCUMENT,
    ...Object.fromEntries(
      Object.values(FILES).map(({ path, text }) => [`data/${path}`, text] as const),
    ),
    "data/ragged.csv": "a,b,c\n1,2,3\n4,5\n",
    "data/parted.csv": "a;b;c\n1;2,5;3\n4;5,5\n",
    "data/days.csv": "day;n\n01/02/2025;1\n02/02/2025;2\n",
    "data/other.csv": "id,name\n1,a\n",
    "data/latin.csv": Buffer.from("caf\xe9,n\n1,2\n", "latin1"),
    "data/no.parquet": "no Parquet",
    "data/notes.json": `{ "a": 1 }`,
    "data/pictures/one.png": "",
    "data/lines.jsonl": `{"id":1,"x":1,"tags":["a"],"at":"2024-01-31"}\n{"id":9007199254740993,"x":2.5,"tags":null,"at":"2024-02-01"}\n`,
    "data/capitals.jsonl": `{"id":1,"Id":2}\n`,
    "data/german.jsonl": `{"at":"31-12-2024"}\n{"at":"30-12-2024"}\n`,
    "data/list.json": `[ { "id": 1, "ok": true }, { "id": 2 } ]`,
    "data/broken.jsonl": `{"id":1}\n{"id":`,
    "data/texts.json": `["a", "b"]`,
  });
  await duck.run(
    `COPY (SELECT 1::INTEGER AS i, 2.5::DECIMAL(8, 2) AS d, 'x' AS s, [1, 2] AS l, TIMESTAMP '2024-01-01 10:00:00' AS t
     UNION ALL SELECT NULL, 3, 'y', NULL, TIMESTAMP '2024-01-02') TO '${project.path("data/rows.parquet")}'`,
  );
});

/** As text: the driver gives whole numbers as text, too. */
async function rowsOf(stage: string, output: string): Promise<(string | null)[][]> {
  const record = lastRecord(project);
  const path = join(folderOf(project, record), record.stages[stage]?.outputs[output]?.path ?? "");
  const duck = await (await DuckDBInstance.create(":memory:")).connect();
  const reader = await duck.runAndReadAll(`SELECT * FROM read_parquet('${path}')`);
  return reader.getRowsJson().map((row) => row.map(shown));
}

function shown(value: unknown): string | null {
  if (value === null || typeof value === "string") return value;
  return JSON.stringify(value);
}

test("of files of many makes: the schema fits every row, the chain lints, and its first run succeeds", async () => {
  for (const [stage, { path, schema }] of Object.entries(FILES)) {
    const made = await steplab(project, ["new", stage, "-t", "collect", "-i", `data=data/${path}`]);
    expect(made.stderr).toBe("");
    expect(made.stdout, path).toContain(`all fit Data of notebooks/${stage}.ts`);
    const module = await project.read(`notebooks/${stage}.ts`);
    const members = /z\.object\(\{\n([^]*?)\n\}\)/.exec(module)?.[1] ?? "";
    expect(members.split(",\n").map((line) => line.trim().replace(/,$/, ""))).toEqual(schema);
  }
  const lint = await steplab(project, ["lint"]);
  expect(lint.stdout).toMatch(/^0 errors, 0 warnings/);
  const ran = await steplab(project, ["run"]);
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  for (const [stage, { first }] of Object.entries(FILES))
    expect([stage, (await rowsOf(stage, "rows"))[0]]).toEqual([stage, first.map(shown)]);
});

test("Parquet too; what a table cannot keep is read as text, and said", async () => {
  const words = ["new", "columns", "-t", "process", "-i", "table=data/rows.parquet"];
  const { stdout } = await steplab(project, words);
  expect(stdout).toContain("2 rows, 5 columns: all fit Table of notebooks/columns.ts");
  expect(stdout).toMatch(
    /look at +data\/rows\.parquet +column "l" is integer\[\]: it is read as text/,
  );
  expect(stdout).toContain("Next    npx steplab run      (it runs as it is;");
  const ran = await steplab(project, ["run", "--only", "columns"]);
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  expect(await rowsOf("columns", "rows")).toEqual([
    ["1", "2.5", "x", "[1, 2]", "2024-01-01 10:00:00"],
    [null, "3", "y", null, "2024-01-02 00:00:00"],
  ]);
});

test("JSON of an object a row: a line each, or a list", async () => {
  const words = ["-t", "process", "-i", "d=data/lines.jsonl", "-i", "e=data/list.json"];
  const { stdout } = await steplab(project, ["new", "objects", ...words]);
  expect(stdout).toContain("2 rows, 4 columns: all fit D of notebooks/objects.ts");
  expect(stdout).toContain("2 rows, 2 columns: all fit E of notebooks/objects.ts");
  expect(await project.read("notebooks/objects.ts")).toContain(`  id: z.bigint(),
  x: z.number(),
  tags: z.string().nullable(),
  at: z.iso.date(),
});`);
  const ran = await steplab(project, ["run", "--only", "objects"]);
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  expect(await rowsOf("objects", "rows")).toEqual([
    ["1", "1", '["a"]', "2024-01-31"],
    ["9007199254740993", "2.5", null, "2024-02-01"],
  ]);
  const others = ["-i", "b=data/broken.jsonl", "-i", "t=data/texts.json"];
  const capitals = ["new", "c", "-t", "explore", "-i", "d=data/capitals.jsonl"];
  expect((await steplab(project, capitals)).stdout).toContain("differ in capitals only");
  await steplab(project, ["new", "german", "-t", "explore", "-i", "d=data/german.jsonl"]);
  expect(await project.read("notebooks/explore/german.ts")).toContain("at: z.string(),");
  const plain = await steplab(project, ["new", "plain-json", "-t", "explore", ...others]);
  expect(plain.stdout).toMatch(/look at +data\/broken\.jsonl +.*JSON/);
  expect(await project.read("notebooks/explore/plain-json.ipynb")).toContain("input.t.json()");
});

test("the next stage takes the schema over, whether it is named by --after or by its wire", async () => {
  await steplab(project, ["new", "after", "-t", "process", "-a", "plain"]);
  await steplab(project, ["new", "wired", "-t", "process", "-i", "mine=plain.rows"]);
  expect(await project.read("notebooks/after.ipynb")).toContain("inputs({ rows: a.table(Data) })");
  expect(await project.read("notebooks/wired.ipynb")).toContain("inputs({ mine: a.table(Data) })");
  const lint = await steplab(project, ["lint"]);
  expect(lint.stdout).toMatch(/^0 errors, 0 warnings/);
});

test("an address is fetched for it, and the run that follows finds it there", async () => {
  let asked = 0;
  const server = createServer((request, response) => {
    if (request.headers["if-none-match"] === '"1"') return response.writeHead(304).end();
    asked += 1;
    response.writeHead(200, { etag: '"1"' }).end("id;price\n1;2,5\n");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // listening on TCP
  try {
    const wire = `sold=http://me:hunter2@127.0.0.1:${port}/sold.csv`;
    const made = await steplab(project, ["new", "fetched", "-t", "collect", "-i", wire]);
    expect(made.stdout).toContain("/sold.csv");
    expect(made.stdout).toContain("1 row, 2 columns: all fit Sold of notebooks/fetched.ts");
    expect(await project.read("notebooks/fetched.ts")).not.toContain("hunter2");
    const ran = await steplab(project, ["run", "--only", "fetched"]);
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(asked).toBe(1);
    expect(await rowsOf("fetched", "rows")).toEqual([["1", "2.5"]]);
  } finally {
    server.close();
  }
  const gone = await steplab(project, [
    "new",
    "gone",
    "-t",
    "explore",
    "-i",
    `d=http://127.0.0.1:${port}/x.csv`,
  ]);
  expect(gone.code).toBe(0);
  expect(gone.stdout).toMatch(/look at +http:\/\/127\.0\.0\.1:\d+\/x\.csv +/);
});

test("a file whose rows cannot be read is declared as a file, and it is said why", async () => {
  const made = async (path: string) =>
    (await steplab(project, ["new", path, "-t", "collect", "-i", `data=data/${path}.csv`])).stdout;
  expect(await made("ragged")).toContain(
    "ragged.csv, row 2 (line 3): The row has 2 fields, and the header has 3",
  );
  expect(await made("parted")).toContain(
    "parted.csv, row 2 (line 3): The row has 2 fields, and the header has 3",
  );
  expect(await made("latin")).toContain("latin.csv is not UTF-8: line 1");
  const parquet = await steplab(project, ["new", "no", "-t", "process", "-i", "t=data/no.parquet"]);
  expect(parquet.stdout).toMatch(/look at +data\/no\.parquet +.*Parquet/i);
  const json = await steplab(project, [
    "new",
    "other",
    "-t",
    "explore",
    "-i",
    "notes=data/notes.json",
    "-i",
    "all=data/pictures",
    "--json",
  ]);
  expect(JSON.parse(json.stdout)).toMatchObject({ module: null, files: [], refused: [] });
  const notebook = await project.read("notebooks/explore/other.ipynb");
  expect(notebook).toContain(
    String.raw`a.file({ media: \"application/json\" }).from(\"data/notes.json\")`,
  );
  expect(notebook).toContain("await input.notes.json()");
  expect(notebook).toContain(String.raw`a.folder().from(\"data/pictures\")`);
});

test("of a file that is not there yet, the template's own cells stay, and it is said", async () => {
  const words = ["new", "later", "-t", "collect", "-i", "delivery=data/later.csv"];
  const { stdout } = await steplab(project, words);
  expect(stdout).toMatch(/look at +data\/later\.csv +It is not there/);
  expect(await project.read("notebooks/later.ipynb")).toContain("input.delivery.csv(");
  expect(await project.read("PIPELINE.md")).toContain("delivery: data/later.csv");
});

test("what is meant is said: a file in the root, a stage or an output that is not there", async () => {
  await project.write("root.csv", "a\n1\n");
  const refused = async (wire: string) =>
    (await steplab(project, ["new", "x", "-t", "process", "-i", `data=${wire}`])).stderr;
  expect(await refused("root.csv")).toContain("A file in the project's root is written ./root.csv");
  expect(await refused("plain.row")).toContain(
    `has no output "row".\n  Hint: did you mean "rows"?`,
  );
  expect(await refused("plan.rows")).toContain(`Hint: did you mean "plain"?`);
});

test("what may be meant otherwise is said: days that fit with the month first, thousands that may be thousandths", async () => {
  const { stdout } = await steplab(project, [
    "new",
    "days",
    "-t",
    "collect",
    "-i",
    "d=data/days.csv",
  ]);
  expect(stdout).toMatch(
    /look at +data\/days\.csv +column "day" is read as %d\/%m\/%Y, and all of it would fit %m\/%d\/%Y too/,
  );
  const grouped = await steplab(project, ["new", "g", "-t", "collect", "-i", "d=data/grouped.csv"]);
  expect(grouped.stdout).toMatch(
    /look at +data\/grouped\.csv +column "share": 1\.234 is read as 1234/,
  );
});

test("two inputs of one schema's name are told apart", async () => {
  const words = [
    "-t",
    "process",
    "-a",
    "plain",
    "-i",
    "data=data/other.csv",
    "-i",
    "till=till.rows",
  ];
  const refused = await steplab(project, ["new", "join", ...words]);
  expect(refused.stderr).toBe("");
  const notebook = await project.read("notebooks/join.ipynb");
  expect(notebook).toContain("rows: a.table(Data)");
  const lint = await steplab(project, ["lint"]);
  expect(lint.stdout).not.toContain("join.ipynb");
  expect(notebook).toContain("till: a.table(TillData)");
  expect(notebook).toContain("input.data.csv(DataData)");
});

test("names that mean something are refused, or led around", async () => {
  const made = async (input: string, template = "collect") =>
    await steplab(project, ["new", `n-${input}`.replace(/=.*/, ""), "-t", template, "-i", input]);
  expect((await made("input=data/other.csv")).stderr).toContain('No input can be called "input"');
  expect((await made("class=data/other.csv")).stderr).toContain('No input can be called "class"');
  expect((await made("map=data/other.csv")).stdout).toContain(
    "all fit MapRow of notebooks/n-map.ts",
  );
  const lint = await steplab(project, ["lint"]);
  expect(lint.stdout).not.toContain("n-map.ipynb");
});

test("a template that promises more is not said to run; one of the project's own keeps its cells", async () => {
  const model = await steplab(project, ["new", "model", "-t", "train", "-i", "d=data/other.csv"]);
  expect(model.stdout).toContain("Next    open notebooks/model.ipynb");
  await project.write(
    "templates/own.ipynb",
    makeNotebook([codeCell("const input = inputs({ delivery: a.file() });", { slot: "inputs" })], {
      steplab: { template: { name: "own", describes: "Ours." } },
    }),
  );
  const kept = await steplab(project, [
    "new",
    "kept",
    "-t",
    "own",
    "-i",
    "delivery=data/other.csv",
  ]);
  expect(kept.code, kept.stderr).toBe(0);
  expect(await project.read("notebooks/kept.ipynb")).toContain("inputs({ delivery: a.file() })");
  const refused = await steplab(project, ["new", "more", "-t", "own", "-i", "x=data/other.csv"]);
  expect(refused.stderr).toContain('Template "own" is this project\'s own, and declares no input');
});

test("a module that is there is not overwritten", async () => {
  await project.write("notebooks/again.ts", "export const mine = 1;\n");
  const made = await steplab(project, ["new", "again", "-t", "collect", "-i", "d=data/plain.csv"]);
  expect(made.stdout).toContain("notebooks/again-2.ts");
  expect(await project.read("notebooks/again.ts")).toBe("export const mine = 1;\n");
});

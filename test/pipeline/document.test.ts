import { describe, expect, test } from "vitest";
import { renderDiagnostic } from "../../core/render-diagnostic.ts";
import { readPipeline, type ReadPipelineOptions } from "../../pipeline/document.ts";
import { parseBytes, parseDuration } from "../../pipeline/document/units.ts";
import { parseWire } from "../../pipeline/document/wire.ts";

const FRONT = `---
pipeline: prices
seed: 42
params: { minPrice: 10, city: { south: 40.5 } }
profiles: { ci: { minPrice: 20 } }
---
`;

function stage(block: string, title = "Process: clean"): string {
  return `## ${title}\n\n\`\`\`yaml stage\n${block}\n\`\`\`\n`;
}

const LEAST = "name: process\nnotebook: notebooks/process.ipynb";

const read = (text: string, options?: ReadPipelineOptions) =>
  readPipeline(text, "PIPELINE.md", options);
const said = (text: string, options?: ReadPipelineOptions): string =>
  read(text, options).diagnostics.map(renderDiagnostic).join("\n\n");

test("a document gives a pipeline with every default filled", () => {
  const text = `${FRONT}# Prices\n\nWhat it is.\n\n## Process: clean\n\nDrops what is too cheap.\n\n\`\`\`yaml stage\n${LEAST}\n\`\`\`\n\nAnd says why.\n`;
  const { pipeline, diagnostics } = read(text);
  expect(diagnostics).toEqual([]);
  expect(pipeline).toMatchObject({ name: "prices", document: "PIPELINE.md", seed: 42 });
  expect(pipeline?.stages).toMatchObject([
    {
      name: "process",
      title: "Process: clean",
      description: "Drops what is too cheap.\n\nAnd says why.",
      notebook: "notebooks/process.ipynb",
      inputs: {},
      params: {},
      after: [],
      timeoutMs: null,
      retries: 0,
      resources: { cpus: 1, memoryBytes: null, gpus: 0 },
      cache: true,
    },
  ]);
  expect(pipeline?.stages[0]?.places["name"]).toEqual({
    file: "PIPELINE.md",
    line: 16,
    column: 1,
    endLine: 16,
    endColumn: 14,
  });
});

test("a stage block may say all there is to say", () => {
  const block = `${LEAST}
inputs: { rows: collect.rows, week: data/*.csv, raw: "https://example.org/x.csv", old: run:2026-11-20T091200Z-6f3a/train.model, file: ./rows.csv }
params: { minPrice: $minPrice, nested: { list: [$minPrice, $$minPrice] }, whole: $city }
after: [report]
timeout: 1h30m
retries: 2
resources: { cpus: 2, memory: 1.5GiB, gpus: 1 }
cache: false`;
  const { pipeline, diagnostics } = read(FRONT + stage(block));
  expect(diagnostics).toEqual([]);
  expect(pipeline?.stages[0]).toMatchObject({
    inputs: {
      rows: { kind: "output", stage: "collect", output: "rows" },
      week: { kind: "glob", pattern: "data/*.csv" },
      raw: { kind: "url", url: "https://example.org/x.csv" },
      old: { kind: "run", run: "2026-11-20T091200Z-6f3a", stage: "train", output: "model" },
      file: { kind: "path", path: "./rows.csv" },
    },
    params: { minPrice: 10, nested: { list: [10, "$minPrice"] }, whole: { south: 40.5 } },
    after: ["report"],
    timeoutMs: 5_400_000,
    retries: 2,
    resources: { cpus: 2, memoryBytes: 1.5 * 2 ** 30, gpus: 1 },
    cache: false,
  });
});

test("a profile overrides the front matter, and -p overrides the profile", () => {
  const text = FRONT + stage(`${LEAST}\nparams: { minPrice: $minPrice }`);
  const minPrice = (options: ReadPipelineOptions) =>
    read(text, options).pipeline?.stages[0]?.params["minPrice"];
  expect(minPrice({})).toBe(10);
  expect(minPrice({ profile: "ci" })).toBe(20);
  expect(minPrice({ profile: "ci", params: { minPrice: 30 } })).toBe(30);
});

test("an unknown profile, and an unknown name for -p, are said with what was probably meant", () => {
  expect(said(FRONT + stage(LEAST), { profile: "cl" })).toMatchInlineSnapshot(`
    "error document/unknown-profile  PIPELINE.md, line 5:1
      profiles: { ci: { minPrice: 20 } }
      ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
      The front matter has no profile "cl".
      Hint: did you mean "ci"?"
  `);
  expect(said(FRONT + stage(LEAST), { params: { minprice: 1 } })).toMatchInlineSnapshot(`
    "error document/unknown-parameter  PIPELINE.md, line 4:1
      params: { minPrice: 10, city: { south: 40.5 } }
      ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
      The front matter has no parameter "minprice" to set.
      Hint: did you mean "minPrice"?"
  `);
});

test("all that is wrong in one document is said at once, each at its line and column", () => {
  const text = `---
pipeline: my prices
seed: first
param: {}
profiles: { ci: { maxPrice: 1 } }
---
${stage(`name: 3 process
notebok: x.ipynb
inputs: { a: [1], b: s3://bucket/x, c: run:last }
params: { p: $minPrice }
after: report
timeout: 10
retries: -1
resources: { memory: 2, cpu: 1 }
cache: maybe`)}`;
  expect(said(text)).toMatchInlineSnapshot(`
    "error document/unknown-key  PIPELINE.md, line 4:1
      param: {}
      ~~~~~~~~~
      There is no key "param" here.
      Hint: did you mean "params"?

    error document/invalid-value  PIPELINE.md, line 3:1
      seed: first
      ~~~~~~~~~~~
      "seed" must be a whole number from 0, not "first".

    error document/invalid-value  PIPELINE.md, line 2:1
      pipeline: my prices
      ~~~~~~~~~~~~~~~~~~~
      "pipeline" must be letters, digits, - and _, beginning with a letter, not "my prices".

    error document/unknown-parameter  PIPELINE.md, line 5:19
      profiles: { ci: { maxPrice: 1 } }
                        ~~~~~~~~~~~
      Profile "ci" sets "maxPrice", which is not among the front matter's params.

    error document/unknown-key  PIPELINE.md, line 11:1
      notebok: x.ipynb
      ~~~~~~~~~~~~~~~~
      There is no key "notebok" here.
      Hint: did you mean "notebook"?

    error document/invalid-value  PIPELINE.md, line 10:1
      name: 3 process
      ~~~~~~~~~~~~~~~
      "name" must be letters, digits, - and _, beginning with a letter, not "3 process".

    error document/missing-key  PIPELINE.md, line 10:1
      name: 3 process
      ~
      This stage has no "notebook".
      Hint: add a line like \`notebook: notebooks/3-process.ipynb\`.

    error document/invalid-value  PIPELINE.md, line 12:11
      inputs: { a: [1], b: s3://bucket/x, c: run:last }
                ~~~~~~
      "inputs.a" must say where it comes from: stage.output, a path, a pattern, an http(s) address or run:<id>/stage.output, not [1].

    error document/invalid-value  PIPELINE.md, line 12:19
      inputs: { a: [1], b: s3://bucket/x, c: run:last }
                        ~~~~~~~~~~~~~~~~
      "inputs.b" must say where it comes from: stage.output, a path, a pattern, an http(s) address or run:<id>/stage.output, not "s3://bucket/x".

    error document/invalid-value  PIPELINE.md, line 12:37
      inputs: { a: [1], b: s3://bucket/x, c: run:last }
                                          ~~~~~~~~~~~
      "inputs.c" must say where it comes from: stage.output, a path, a pattern, an http(s) address or run:<id>/stage.output, not "run:last".

    error document/unknown-parameter  PIPELINE.md, line 13:11
      params: { p: $minPrice }
                ~~~~~~~~~~~~
      The front matter has no parameter "minPrice", which \`$minPrice\` stands for.
      Hint: add it under \`params\` in the front matter.

    error document/invalid-value  PIPELINE.md, line 14:1
      after: report
      ~~~~~~~~~~~~~
      "after" must be a list of names, like [report], not "report".

    error document/invalid-value  PIPELINE.md, line 15:1
      timeout: 10
      ~~~~~~~~~~~
      "timeout" must be a duration, like 90s, 10m or 1h30m, not 10.

    error document/invalid-value  PIPELINE.md, line 16:1
      retries: -1
      ~~~~~~~~~~~
      "retries" must be a whole number from 0, not -1.

    error document/unknown-key  PIPELINE.md, line 17:25
      resources: { memory: 2, cpu: 1 }
                              ~~~~~~
      There is no key "resources.cpu" here.
      Hint: did you mean "cpus"?

    error document/invalid-value  PIPELINE.md, line 17:14
      resources: { memory: 2, cpu: 1 }
                   ~~~~~~~~~
      "resources.memory" must be a size, like 512MiB or 2GiB, not 2.

    error document/invalid-value  PIPELINE.md, line 18:1
      cache: maybe
      ~~~~~~~~~~~~
      "cache" must be true or false, not "maybe"."
  `);
});

describe("YAML that does not parse", () => {
  test("names its line and column in the document", () => {
    expect(said(FRONT + stage(`${LEAST}\ninputs: { rows: a.b\nparams: x: y`)))
      .toMatchInlineSnapshot(`
      "error document/invalid-yaml  PIPELINE.md, line 13:1
        params: x: y
        ~
        The stage block is not valid YAML: Flow map in block collection must be sufficiently indented and end with a }.

      error document/invalid-yaml  PIPELINE.md, line 13:9
        params: x: y
                ~
        The stage block is not valid YAML: Nested mappings are not allowed in compact mappings."
    `);
  });
  test("a merge that was not finished", () => {
    const conflict = "<<<<<<< HEAD\ntimeout: 1m\n=======\ntimeout: 2m\n>>>>>>> other";
    expect(said(FRONT + stage(`${LEAST}\n${conflict}`))).toContain(
      "Hint: git left conflict markers in it: choose one side, and delete the lines with the markers.",
    );
  });
  test("a key given twice", () => {
    expect(said(FRONT + stage(`${LEAST}\nname: again`))).toMatchInlineSnapshot(`
      "error document/invalid-yaml  PIPELINE.md, line 12:1
        name: again
        ~
        The stage block is not valid YAML: Map keys must be unique."
    `);
  });
  test("a block that is no map", () => {
    expect(said(FRONT + stage("- process"))).toMatchInlineSnapshot(`
      "error document/invalid-value  PIPELINE.md, line 10:1
        - process
        ~
        The stage block must hold keys and values, like \`name: process\`."
    `);
  });
  test("a value that JSON cannot hold", () => {
    expect(said(FRONT + stage(`${LEAST}\nparams: { x: .inf }`))).toMatchInlineSnapshot(`
      "error document/invalid-value  PIPELINE.md, line 12:11
        params: { x: .inf }
                  ~~~~~~~
        "params.x" holds Infinity, which has no JSON form."
    `);
  });
});

test("YAML that stands for gigabytes is refused, and odd names are names", () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
  for (let i = 0; i < 8; i++) {
    const [from, to] = [String.fromCharCode(97 + i), String.fromCharCode(98 + i)];
    bomb.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(", ")}]`);
  }
  const block = `${LEAST}\nparams:\n${bomb.map((line) => `  ${line}`).join("\n")}`;
  expect(said(FRONT + stage(block))).toContain("holds aliases that stand for too much");
  const { pipeline } = read(FRONT + stage(`${LEAST}\nparams: { __proto__: { x: 1 } }`));
  expect(Object.keys(pipeline?.stages[0]?.params ?? {})).toEqual(["__proto__"]);
});

describe("sections and blocks", () => {
  test("a document without front matter, or with one that has no end", () => {
    expect(said(stage(LEAST))).toMatchInlineSnapshot(`
      "error document/front-matter  PIPELINE.md, line 1:1
        ## Process: clean
        ~
        The document has no front matter.
        Hint: begin it with the lines \`---\`, \`pipeline: <name>\`, \`---\`."
    `);
    expect(said(`---\npipeline: x\n\n${stage(LEAST)}`)).toMatchInlineSnapshot(`
      "error document/front-matter  PIPELINE.md, line 1:1
        ---
        ~
        The front matter has no end: a second line \`---\` is missing."
    `);
  });
  test("a section without a block, with another kind of block, with two, with one that has no end", () => {
    expect(
      said(
        `${FRONT}## Prose only\n\nText.\n\n## Meant\n\n\`\`\`yaml\nname: x\nnotebook: x.ipynb\n\`\`\`\n\n${stage(LEAST)}\n\`\`\`yaml stage\nname: two\nnotebook: x.ipynb\n\`\`\`\n\n## Open\n\n\`\`\`yaml stage\nname: open\nnotebook: x.ipynb\n`,
      ),
    ).toMatchInlineSnapshot(`
      "warning document/stage-block  PIPELINE.md, line 7:1
        ## Prose only
        ~~~~~~~~~~~~~
        Section "Prose only" has no stage block, so it is no stage.
        Hint: add a \`\`\`yaml stage block, or make the heading \`#\` or \`###\`.

      error document/stage-block  PIPELINE.md, line 13:1
        \`\`\`yaml
        ~~~~~~~
        This block is not read as a stage: its info string is "yaml".
        Hint: begin it with \`\`\`yaml stage

      error document/stage-block  PIPELINE.md, line 25:1
        \`\`\`yaml stage
        ~~~~~~~~~~~~~
        Section "Process: clean" has a second stage block.
        Hint: give every stage a \`##\` section of its own.

      error document/stage-block  PIPELINE.md, line 32:1
        \`\`\`yaml stage
        ~~~~~~~~~~~~~
        This stage block has no end: its closing \`\`\` is missing."
    `);
  });
  test("a block before the first section, and no stage at all", () => {
    expect(said(`${FRONT}\`\`\`yaml stage\n${LEAST}\n\`\`\`\n`)).toMatchInlineSnapshot(`
      "error document/stage-block  PIPELINE.md, line 7:1
        \`\`\`yaml stage
        ~~~~~~~~~~~~~
        This stage block stands before the first \`##\` heading.
        Hint: give the stage a section: a \`##\` heading with the stage's title, its prose, then the block.

      error document/stage-block  PIPELINE.md, line 11:1
        The document has no stage: no \`##\` section.
        Hint: \`npx steplab new\` lists the kinds of stage, and writes one."
    `);
  });
  test("a heading or a block inside another fence is text", () => {
    const quoted = `~~~~markdown\n## Not a stage\n\`\`\`yaml stage\nname: no\n\`\`\`\n~~~~\n`;
    const { pipeline, diagnostics } = read(
      `${FRONT}## Process\n\n${quoted}\n\`\`\`\`yaml  stage\n${LEAST}\n\`\`\`\`\n`,
    );
    expect(diagnostics).toEqual([]);
    expect(pipeline?.stages.map(({ name }) => name)).toEqual(["process"]);
  });
  test("Windows line ends and a byte order mark make no difference", () => {
    const text = FRONT + stage(`${LEAST}\ntimeout: 10m`);
    const { pipeline, diagnostics } = read(`\uFEFF${text.replaceAll("\n", "\r\n")}`);
    expect(diagnostics).toEqual([]);
    expect(pipeline?.stages[0]?.timeoutMs).toBe(600_000);
  });
});

test("durations and sizes need a unit", () => {
  expect(["500ms", "90s", "10m", "1h30m", "1d", "1.5h"].map(parseDuration)).toEqual([
    500, 90_000, 600_000, 5_400_000, 86_400_000, 5_400_000,
  ]);
  expect(["10", "", "m", "10 m", "-1m", "0s", "1h 5m"].map(parseDuration)).toEqual(
    Array(7).fill(undefined),
  );
  expect(["512MiB", "2GiB", "2 GB", "1kB"].map(parseBytes)).toEqual([2 ** 29, 2 ** 31, 2e9, 1000]);
  expect(["2", "2G", "GiB", "-1GB", "0GB"].map(parseBytes)).toEqual(Array(5).fill(undefined));
});

test("a file in the root is a path when it says so, else two names are a stage's output", () => {
  expect(parseWire("listings.csv")).toEqual({ kind: "output", stage: "listings", output: "csv" });
  expect(parseWire("./listings.csv")).toEqual({ kind: "path", path: "./listings.csv" });
  expect(parseWire("data/listings.csv")).toEqual({ kind: "path", path: "data/listings.csv" });
  expect(parseWire("/data/in.csv")).toEqual({ kind: "path", path: "/data/in.csv" });
  expect(parseWire("listings")).toEqual({ kind: "path", path: "listings" });
  expect(parseWire("http://")).toBeUndefined();
});

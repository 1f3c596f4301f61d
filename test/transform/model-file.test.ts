/** Models on disk: what is written, what is loaded, and what is refused. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { columnsOf } from "../../stage/contract/shape-of.ts";
import { z } from "zod";
import { table } from "../../stage/artifact/table.ts";
import { chain, daysSince, impute, transformer } from "../../stage/transform/index.ts";
import { loadModel, writeModel, type ModelPort } from "../../stage/transform/model-file.ts";
import type { TransformerFactory } from "../../stage/transform/types.ts";
import { makeProject, type Project } from "../rig/project.ts";

const SCALE = `/** Divides by the largest size of the fitted rows. */
import { transformer, z } from "steplab";
import { largest } from "./largest.ts";

export const scale = transformer({
  name: "scale",
  params: z.object({ from: z.date().default(new Date(0)) }),
  state: z.object({ largest: z.instanceof(Float32Array) }),
  fit: (rows) => ({ largest: Float32Array.of(largest(rows.array("size"))) }),
  apply: (state, rows) => ({
    scaled: rows.array("size").map((size) => size / state.largest[0]),
  }),
});
`;
const LARGEST = `export const largest = (sizes: number[]): number => Math.max(...sizes); // plain\n`;

const Flat = z.object({ size: z.number().nullable(), seen: z.date().nullable() });
const Scaled = z.object({ scaled: z.number(), "seen:days": z.number() });
const port: ModelPort = { kind: "model", input: columnsOf(Flat), output: columnsOf(Scaled) };

const flats = table([
  { id: 1, size: 20 as number | null, seen: new Date("2019-07-01") as Date | null },
  { id: 2, size: 80, seen: new Date("2019-07-08") },
  { id: 3, size: null, seen: new Date("2019-07-07") },
]);
const about = { example: flats, use: "Tests." };

type Scale = TransformerFactory<
  z.ZodObject,
  { largest: Float32Array },
  { size: number },
  { scaled: number },
  never
>;

let project: Project;
let folder: string;
let scale: Scale;

async function modelOf() {
  return chain(impute("size"), daysSince("seen"), scale()).fit(flats);
}

function load(from = folder, as: ModelPort | null = port) {
  return loadModel<z.infer<typeof Flat>, z.infer<typeof Scaled>>(from, as, {
    projectRoot: project.root,
  });
}

beforeAll(async () => {
  project = await makeProject({});
  await project.write("notebooks/scale.ts", SCALE);
  await project.write("notebooks/largest.ts", LARGEST);
  const module = (await import(pathToFileURL(project.path("notebooks/scale.ts")).href)) as {
    scale: Scale;
  };
  scale = module.scale;
});
afterAll(() => project[Symbol.asyncDispose]());

beforeEach(async () => {
  await project.write("notebooks/scale.ts", SCALE);
  await project.write("notebooks/largest.ts", LARGEST);
  folder = project.path("model");
  rmSync(folder, { recursive: true, force: true });
  await writeModel(await modelOf(), about, port, folder, { projectRoot: project.root });
});

test("a model that is loaded answers as the one that was fitted, to the bit", async () => {
  const loaded = await load();
  const fitted = await (await modelOf()).apply(flats);
  expect((await loaded.apply(flats)).objects()).toEqual(
    fitted.select("scaled", "seen:days").objects(),
  );
  expect(loaded.use).toBe("Tests.");
  expect(loaded.stateOf(scale).largest).toEqual(Float32Array.of(80));
});

test("a stored model is data: names, digests, parameters, states, signature and an example with its answers", () => {
  const file = JSON.parse(readFileSync(join(folder, "model.json"), "utf8")) as {
    steps: { transformer: string; module: string; code: string; params: unknown; state: unknown }[];
    example: unknown;
    signature: { input: object };
  };
  expect(file.steps.map(({ transformer, module }) => [transformer, module])).toEqual([
    ["steplab/impute", "steplab"],
    ["steplab/days-since", "steplab"],
    ["scale", "notebooks/scale.ts"],
  ]);
  expect(file.steps[1]).toMatchObject({
    params: { column: "seen" },
    state: { reference: "2019-07-08" },
  });
  expect(file.steps[2]).toMatchObject({
    code: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
    params: { from: { $date: "1970-01-01T00:00:00.000Z" } },
    state: { largest: { $array: "arrays/2.largest.bin", type: "Float32Array", length: 1 } },
  });
  expect(file.example).toEqual({
    input: [
      { size: 20, seen: "2019-07-01T00:00:00.000Z" },
      { size: 80, seen: "2019-07-08T00:00:00.000Z" },
      { size: null, seen: "2019-07-07T00:00:00.000Z" },
    ],
    output: [
      { scaled: 0.25, "seen:days": 7 },
      { scaled: 1, "seen:days": 0 },
      { scaled: 0.625, "seen:days": 1 },
    ],
  });
  expect(Object.keys(file.signature.input)).toEqual(["size", "seen"]);
});

test("the same fit is written as the same bytes", async () => {
  const again = project.path("again");
  await writeModel(await modelOf(), about, port, again, { projectRoot: project.root });
  for (const file of ["model.json", "arrays/2.largest.bin"])
    expect(readFileSync(join(again, file))).toEqual(readFileSync(join(folder, file)));
});

describe("code", () => {
  test("that changed is refused, with the module and both digests", async () => {
    await project.write("notebooks/largest.ts", LARGEST.replace("...sizes", "1, ...sizes"));
    await expect(load()).rejects.toMatchObject({
      code: "model/code-changed",
      message: expect.stringMatching(
        /^The model was fitted with other code: transformer "scale" of "notebooks\/scale\.ts" was sha256:\w{64} and is now sha256:\w{64}\.$/,
      ) as string,
    });
  });

  test("may get other comments", async () => {
    await project.write("notebooks/largest.ts", LARGEST.replace("plain", "still the largest"));
    expect((await (await load()).apply(flats)).numRows()).toBe(3);
  });

  test("that is gone is named", async () => {
    await project.remove("notebooks/scale.ts");
    await expect(load()).rejects.toMatchObject({
      code: "model/code-missing",
      message:
        'The model\'s transformer "scale" stands in "notebooks/scale.ts", and the project has no such module.',
    });
  });

  test("outside the project is never imported, although it is there", async () => {
    await using outside = await makeProject({
      "scale.ts": `throw new Error("I was imported");\n${SCALE}`,
      "largest.ts": LARGEST,
    });
    for (const module of [
      relative(project.root, outside.path("scale.ts")),
      outside.path("scale.ts"),
    ]) {
      edit("model.json", (text) =>
        text.replace(/"module": "(?!steplab")[^"]+"/, `"module": "${module}"`),
      );
      await expect(load()).rejects.toMatchObject({
        code: "model/code-missing",
        message: expect.stringContaining("the project has no such module") as string,
      });
    }
    await symlink(outside.path("scale.ts"), project.path("notebooks/linked.ts"));
    edit("model.json", (text) =>
      text.replace(/"module": "\/[^"]+"/, '"module": "notebooks/linked.ts"'),
    );
    await expect(load()).rejects.toThrow(
      /^"notebooks\/linked\.ts" imports "\.\..*", which lies outside/,
    );
    await project.remove("notebooks/linked.ts");
  });

  test("that stands in no module of the project cannot be written as a model", async () => {
    const here = transformer({
      name: "here",
      params: z.object({}),
      state: z.object({}),
      fit: () => ({}),
      apply: (_state, rows) => ({ scaled: Array.from({ length: rows.numRows() }, () => 1) }),
    });
    const fitted = await chain(daysSince("seen"), here()).fit(flats);
    const writing = writeModel(fitted, about, port, folder, { projectRoot: project.root });
    await expect(writing).rejects.toMatchObject({ code: "model/no-module" });
  });
});

describe("a signature", () => {
  test("that leaves out a column the model needs is refused when the model is written", async () => {
    const input = columnsOf(Flat.omit({ seen: true }));
    const writing = writeModel(await modelOf(), about, { ...port, input }, folder, {
      projectRoot: project.root,
    });
    await expect(writing).rejects.toThrow('This table has no column "seen"');
  });

  test("that the answers do not fit is refused, with row and column", async () => {
    const output = columnsOf(Scaled.extend({ scaled: z.number().max(0.5) }));
    const writing = writeModel(await modelOf(), about, { ...port, output }, folder, {
      projectRoot: project.root,
    });
    await expect(writing).rejects.toMatchObject({
      code: "model/signature",
      message: expect.stringContaining(`Row 2, column "scaled" of the example's output`) as string,
    });
  });

  test("of the reader must be the model's: what it needs, what it answers, and the types", async () => {
    const wanted = { ...port, output: columnsOf(Scaled.extend({ spread: z.number() })) };
    await expect(load(folder, wanted)).rejects.toThrow(
      'The model is to answer column "spread" (number), and it does not.',
    );
    const text = { ...port, input: columnsOf(Flat.extend({ size: z.string() })) };
    await expect(load(folder, text)).rejects.toThrow(
      'The model needs column "size" (number or null), and the other end has string.',
    );
  });

  test("names the columns that rows lack", async () => {
    const rows = table([{ size: 1 }]) as unknown as typeof flats;
    await expect((await load()).apply(rows)).rejects.toThrow(
      "The model is asked with 2 columns, and these rows lack seen.",
    );
  });
});

describe("damage is seen:", () => {
  test.each([
    ["text that is no JSON", "model.json", () => "{", /^"model\.json" of a model cannot be read: /],
    [
      "another version",
      "model.json",
      (text: string) => text.replace("model/1", "model/9"),
      /is not what steplab writes: steplab: /,
    ],
    [
      "a shorter array",
      "arrays/2.largest.bin",
      () => "ab",
      /should hold 1 numbers \(Float32Array\) and holds 2 bytes/,
    ],
    [
      "an array elsewhere",
      "model.json",
      (text: string) => text.replace("arrays/2.largest.bin", "arrays/../../secret.bin"),
      /names the array file "arrays\/\.\.\/\.\.\/secret\.bin"/,
    ],
    [
      "a state of another form",
      "model.json",
      (text: string) => text.replace('"reference": "2019-07-08"', '"reference": "soon"'),
      /state of transformer "steplab\/days-since" is not what it says it stores: reference/,
    ],
  ])("%s", async (_what, file, change, message) => {
    edit(file, change);
    await expect(load()).rejects.toMatchObject({ code: "model/damaged" });
    await expect(load()).rejects.toThrow(message);
  });
});

function edit(file: string, change: (text: string) => string): void {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  const changed = change(text);
  expect(changed).not.toBe(text);
  writeFileSync(path, changed);
}

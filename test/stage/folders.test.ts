/** `a.folder()` and `a.file()` as a notebook uses them: what is read, what is written, what is refused. */
import { readFileSync, mkdirSync, writeFileSync, chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ObjectStore } from "../../lineage/store/objects.ts";
import { a, encodePng, inputs, outputs, type FolderFile } from "../../stage/index.ts";
import { StageHost } from "../rig/stage-host.ts";
import { errorOf, filesBelow } from "../rig/run.ts";

let host: StageHost;
beforeEach(() => {
  host = new StageHost();
});
afterEach(() => host[Symbol.dispose]());

const dot = encodePng({ width: 2, height: 1, data: [0, 1] });

/** A folder as the runner hands it over: in the store, not unpacked. */
function bound(files: Record<string, string | Uint8Array>): { store: ObjectStore; path: string } {
  const folder = join(host.root, "source");
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  mkdirSync(folder, { recursive: true });
  const store = new ObjectStore({ objects: join(host.root, "objects") });
  const stored = store.putFolder(folder);
  const path = join(host.root, "scratch", "inputs", "images");
  const bindings = host.bindings;
  if (bindings === null) throw new Error("nothing is bound");
  bindings.inputs["images"] = {
    kind: "folder",
    path,
    manifest: store.pathOf(stored.digest),
    ...stored,
    mediaType: "application/vnd.steplab.folder+json",
    source: { stage: "before", output: "images" },
  };
  return { store, path };
}

describe("reading a folder", () => {
  test("lists files sorted, with size and type, and finds them by path, pattern and condition", async () => {
    bound({ "cats/2.png": dot, "cats/1.PNG": dot, "about.txt": "hello", "dogs/1.png": dot });
    const { images } = inputs({ images: a.folder() });
    expect(
      (await images.list()).map(({ path, name, folder, size, media }) => ({
        path,
        name,
        folder,
        size,
        media,
      })),
    ).toEqual([
      { path: "about.txt", name: "about.txt", folder: "", size: 5, media: "text/plain" },
      ...["cats/1.PNG", "cats/2.png", "dogs/1.png"].map((path) => ({
        path,
        name: path.slice(5),
        folder: path.slice(0, 4),
        size: dot.length,
        media: "image/png",
      })),
    ]);
    const paths = async (files: AsyncIterable<FolderFile>): Promise<string[]> =>
      await Array.fromAsync(files, ({ path }) => path);
    expect(await paths(images.glob("cats/*"))).toEqual(["cats/1.PNG", "cats/2.png"]);
    expect(
      await paths(images.glob("**/*.{png,PNG}").filter((file) => file.folder !== "cats")),
    ).toEqual(["dogs/1.png"]);
    expect(await images.glob("*.gif").count()).toBe(0);
    expect([await images.count(), await images.has("about.txt"), await images.has("x")]).toEqual([
      4,
      true,
      false,
    ]);
    expect(await (await images.get("about.txt")).text()).toBe("hello");
    const error = await errorOf(images.get("cats/2.pgn"));
    expect([error.code, error.message, error.hint]).toEqual([
      "folder/no-such-file",
      'Input "images" has no file "cats/2.pgn".',
      'did you mean "cats/2.png"?',
    ]);
  });

  test("a file is text, bytes, JSON, lines, a stream or pixels", async () => {
    bound({ "a.json": '{"n": 1}', "b.txt": "one\r\ntwo\n\nthree", "c.png": dot });
    const { images } = inputs({ images: a.folder() });
    expect(await (await images.get("a.json")).json()).toEqual({ n: 1 });
    expect(await Array.fromAsync((await images.get("b.txt")).lines())).toEqual([
      "one",
      "two",
      "",
      "three",
    ]);
    const chunks = await Array.fromAsync((await images.get("b.txt")).stream());
    expect(Buffer.concat(chunks).toString()).toBe("one\r\ntwo\n\nthree");
    expect(await (await images.get("c.png")).pixels()).toEqual({
      width: 2,
      height: 1,
      data: new Uint8Array([0, 255]),
    });
    expect((await errorOf((await images.get("b.txt")).json())).code).toBe("file/not-json");
  });

  test("lays files out only for who asks for a path", async () => {
    const { path } = bound({ "a/b.txt": "b" });
    const { images } = inputs({ images: a.folder() });
    await images.list();
    expect(existsSync(path)).toBe(false);
    expect(await images.path()).toBe(path);
    expect(filesBelow(path)).toEqual(["a/b.txt"]);
  });

  test("a damaged file is found when it is read, whole or in parts", async () => {
    const { store } = bound({ "a.txt": "precious" });
    const { images } = inputs({ images: a.folder() });
    const file = await images.get("a.txt");
    for (const digest of store.list())
      if (store.readBytes(digest).toString() === "precious") {
        chmodSync(store.pathOf(digest), 0o644);
        writeFileSync(store.pathOf(digest), "precipus");
      }
    expect((await errorOf(file.text())).code).toBe("store/damaged");
    expect((await errorOf(Array.fromAsync(file.stream()))).code).toBe("store/damaged");
    expect((await errorOf(Array.fromAsync(file.lines()))).code).toBe("store/damaged");
  });

  test("an empty folder is one", async () => {
    bound({});
    const { images } = inputs({ images: a.folder() });
    expect([await images.list(), await images.count()]).toEqual([[], 0]);
  });
});

describe("writing a folder", () => {
  test("takes text, bytes, JSON, streams and files of other artifacts, and sums them up", async () => {
    bound({ "one.png": dot });
    const { images } = inputs({ images: a.folder() });
    const { made } = outputs({ made: a.folder() });
    await made.add("texts/a.txt", "two words\nand three more\n");
    await made.add("dot.png", dot);
    await made.add("about.json", { classes: ["cat", "dog"], size: 2 });
    await made.add("copied/one.png", await images.get("one.png"));
    await made.add(
      "streamed.bin",
      (async function* () {
        yield "ab";
        yield new Uint8Array([99]);
      })(),
    );
    await host.endCell();
    await host.settle();
    const folder = host.staged("made");
    expect(filesBelow(folder)).toEqual([
      "about.json",
      "copied/one.png",
      "dot.png",
      "streamed.bin",
      "texts/a.txt",
    ]);
    expect(readFileSync(join(folder, "streamed.bin"), "utf8")).toBe("abc");
    expect(JSON.parse(readFileSync(join(folder, "about.json"), "utf8"))).toEqual({
      classes: ["cat", "dog"],
      size: 2,
    });
    expect(host.output("made").summary).toMatchObject({
      files: 5,
      types: {
        "image/png": 2,
        "application/json": 1,
        "application/octet-stream": 1,
        "text/plain": 1,
      },
      largest: { path: "copied/one.png", bytes: dot.length },
      images: { looked: 2, width: [2, 2], height: [1, 1], unreadable: 0 },
      texts: { looked: 2, utf8: 2 },
    });
  });

  test("passing on copies nothing; some of the files are a folder of their own", async () => {
    bound({ "a/1.txt": "1", "a/2.txt": "2", "b/1.txt": "3" });
    const { images } = inputs({ images: a.folder() });
    const { all, some } = outputs({ all: a.folder(), some: a.folder() });
    await all.write(images);
    await some.write(images.glob("a/*"));
    expect(host.output("all")).toMatchObject({
      digest: host.bindings?.inputs["images"]?.digest,
      summary: { files: 3 },
    });
    expect(host.output("all").staged).toBeUndefined();
    expect(filesBelow(host.staged("some"))).toEqual(["a/1.txt", "a/2.txt"]);
  });

  test("names that lead out or that another system could not keep are refused before anything is written", async () => {
    const { made } = outputs({ made: a.folder() });
    for (const [path, why] of [
      ["../x.png", 'has ".." in it'],
      ["/etc/x", "is absolute; write it relative to the folder"],
      ["a\\b.png", "has a backslash in it; write forward slashes"],
      ["", "is empty"],
      ["a//b", "has an empty part"],
      ["aux.txt", 'has a name in it that Windows keeps for a device ("aux.txt")'],
      ["what?.txt", "has a character in it that not every system allows in a name"],
    ] as const) {
      const error = await errorOf(Promise.try(() => made.add(path, "x")));
      expect([error.code, error.message]).toEqual([
        "store/unsafe-name",
        `The file name ${JSON.stringify(path)} ${why}.`,
      ]);
    }
    await made.add("A.png", dot);
    expect((await errorOf(Promise.try(() => made.add("A.png", dot)))).code).toBe(
      "output/written-twice",
    );
    await made.add("a.png", dot);
    expect((await errorOf(host.settle())).message).toBe(
      '"A.png" and "a.png" are one name on systems that do not tell capitals apart.',
    );
  });

  test("what is declared of its files is held, when written and when read", async () => {
    bound({ "a.png": dot, "notes.txt": "x" });
    const { pictures } = outputs({ pictures: a.folder({ media: "image/*", min: 2 }) });
    await pictures.add("a.png", dot);
    expect((await errorOf(host.settle())).message).toBe(
      'Output "pictures" has 1 file, and is declared with at least 2.',
    );
    const error = await errorOf(inputs({ images: a.folder({ media: "image/png" }) }).images.list());
    expect([error.code, error.message]).toEqual([
      "folder/invalid",
      'Input "images" is declared as image/png, and 1 of its 2 files is not, first: notes.txt (text/plain).',
    ]);
  });
});

test("a single file has its size in the record, and is written from a stream or from a folder's file", async () => {
  bound({ "one.png": dot });
  const { images } = inputs({ images: a.folder() });
  const { text, picture } = outputs({
    text: a.file({ media: "text/plain" }),
    picture: a.file({ media: "image/png" }),
  });
  await text.write(
    (async function* () {
      yield "one two\n";
      yield "three\n";
    })(),
  );
  await picture.write(await images.get("one.png"));
  expect(host.output("text").summary).toEqual({ bytes: 14, lines: 2, words: 3 });
  expect(host.output("picture").summary).toEqual({ bytes: dot.length, width: 2, height: 1 });
});

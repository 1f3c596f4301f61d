/** The object store, as anyone who knows SHA-256 would check it. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ArtifactDigest } from "../../core/digest.ts";
import { archiveOf } from "../../lineage/archive.ts";
import { ObjectStore } from "../../lineage/store/objects.ts";
import { errorOf, filesBelow } from "../rig/run.ts";

let root: string;
let store: ObjectStore;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "steplab-store-"));
  store = new ObjectStore(archiveOf(root));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const sha256 = (bytes: Uint8Array): string =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
let count = 0;
const fresh = (): string => join(root, `input-${count++}`);
const bytesArb = fc.uint8Array({ maxLength: 300 });

/** A folder of files: relative path to bytes. Names as people and every system allow them. */
const treeArb = fc.dictionary(
  fc
    .array(fc.stringMatching(/^[a-z0-9 äß_,-][a-z0-9 äß_.,-]{0,7}[0-9äß_,-]$/), {
      minLength: 1,
      maxLength: 3,
    })
    .map((parts) => parts.join("/")),
  bytesArb,
  { maxKeys: 6, noNullPrototype: true },
);

/** Writes the tree; paths that would need a file to be a folder are left out. */
function writeTree(folder: string, tree: Record<string, Uint8Array>): Record<string, Uint8Array> {
  mkdirSync(folder);
  const written: Record<string, Uint8Array> = {};
  for (const [path, bytes] of Object.entries(tree)) {
    try {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes, { flag: "wx" });
      written[path] = bytes;
    } catch {
      continue; // "a" and "a/b" in one tree
    }
  }
  return written;
}

describe("bytes", () => {
  test("come back as they went in, under their SHA-256, read-only, whichever way they went in", () => {
    fc.assert(
      fc.property(bytesArb, (bytes) => {
        const digest = sha256(bytes);
        const [copied, taken] = [fresh(), fresh()];
        writeFileSync(copied, bytes);
        writeFileSync(taken, bytes);
        const stored = [store.putBytes(bytes), store.putFile(copied), store.takeFile(taken)];
        for (const each of stored) expect(each).toEqual({ digest, bytes: bytes.length });
        expect(new Uint8Array(store.readBytes(digest as ArtifactDigest))).toEqual(bytes);
        const path = store.verifiedPath(digest as ArtifactDigest);
        expect(path).toBe(store.pathOf(digest as ArtifactDigest));
        expect(statSync(path).mode & 0o777).toBe(0o444);
        expect(new Uint8Array(readFileSync(copied))).toEqual(bytes);
        expect(statSync(taken, { throwIfNoEntry: false })).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  test("are stored once, and never written again", () => {
    const { digest } = store.putBytes("the same");
    const before = statSync(store.pathOf(digest));
    const path = fresh();
    writeFileSync(path, "the same");
    store.putBytes("the same");
    store.putFile(path);
    store.takeFile(path);
    const after = statSync(store.pathOf(digest));
    // Not its times: what is found again is touched, so that `steplab gc` sees that it is wanted.
    expect([after.ino, after.birthtimeMs]).toEqual([before.ino, before.birthtimeMs]);
    expect([...store.list()].filter((each) => each === digest)).toEqual([digest]);
  });

  test("of a file larger than one chunk have the digest of the whole", () => {
    const bytes = Buffer.alloc((3 << 20) + 17, "chunk");
    const path = fresh();
    writeFileSync(path, bytes);
    expect(store.takeFile(path)).toEqual({ digest: sha256(bytes), bytes: bytes.length });
  });
});

describe("folders", () => {
  test("come back file by file, whatever their names, and equal ones have one digest", () => {
    fc.assert(
      fc.property(treeArb, (tree) => {
        const [put, taken, out] = [fresh(), fresh(), fresh()];
        const written = writeTree(put, tree);
        writeTree(taken, Object.fromEntries(Object.entries(written).toReversed()));
        const stored = store.putFolder(put);
        expect(store.takeFolder(taken)).toEqual(stored);
        const sizes = Object.values(written).map(({ length }) => length);
        expect(stored.bytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
        store.unpackFolder(stored.digest, out);
        expect(filesBelow(out)).toEqual(Object.keys(written).sort());
        for (const [path, bytes] of Object.entries(written))
          expect(new Uint8Array(readFileSync(join(out, path)))).toEqual(bytes);
        expect(filesBelow(put)).toEqual(Object.keys(written).sort());
      }),
      { numRuns: 40 },
    );
  });

  test("share the files they have in common", () => {
    const [one, two] = [fresh(), fresh()];
    writeTree(one, { a: Buffer.from("shared"), b: Buffer.from("1") });
    writeTree(two, { "c/a": Buffer.from("shared"), b: Buffer.from("2") });
    const [first, second] = [store.putFolder(one), store.putFolder(two)];
    const digests = (digest: ArtifactDigest): string[] =>
      store.readManifest(digest).files.map((file) => file.digest);
    const shared = sha256(Buffer.from("shared"));
    expect(digests(first.digest)).toContain(shared);
    expect(digests(second.digest)).toContain(shared);
  });

  test("refuse symbolic links, which would lead elsewhere on another machine", async () => {
    const folder = fresh();
    writeTree(folder, { a: Buffer.from("a") });
    symlinkSync("/etc/passwd", join(folder, "link"));
    const error = await errorOf(Promise.try(() => store.putFolder(folder)));
    expect([error.code, error.message]).toEqual([
      "store/not-a-file",
      "link in a folder artifact is neither a file nor a folder.",
    ]);
  });

  test("of more files than are waited with come in whole, and equal ones once", () => {
    const folder = fresh();
    writeTree(
      folder,
      Object.fromEntries(
        Array.from({ length: 5000 }, (_, i) => [`f/${i}`, Buffer.from(String(i % 4500))]),
      ),
    );
    const { digest } = store.putFolder(folder);
    store.sync();
    const { files } = store.readManifest(digest);
    expect([files.length, new Set(files.map((file) => file.digest)).size]).toEqual([5000, 4500]);
    for (const file of files) expect(statSync(store.pathOf(file.digest)).size).toBe(file.bytes);
  });

  test("of names that another system could not keep are refused, with the name and the reason", async () => {
    const names: [string[], string][] = [
      [["a\\b"], 'The file name "a\\\\b" has a backslash in it; write forward slashes.'],
      [
        ["images/CON.png"],
        'The file name "images/CON.png" has a name in it that Windows keeps for a device ("CON.png").',
      ],
      [
        ["cats/1.png", "Cats/2.png"],
        '"Cats" and "cats" are one name on systems that do not tell capitals apart.',
      ],
      [
        ["a\u0308.png"],
        `The file name ${JSON.stringify("a\u0308.png")} is not in Unicode's composed form (NFC), so that it would be another name on another system.`,
      ],
    ];
    for (const [paths, message] of names) {
      const folder = fresh();
      writeTree(folder, Object.fromEntries(paths.map((path) => [path, Buffer.from(path)])));
      const error = await errorOf(Promise.try(() => store.putFolder(folder)));
      expect([error.code, error.message]).toEqual(["store/unsafe-name", message]);
    }
  });

  test("of a damaged or made-up manifest never unpack outside their place", async () => {
    for (const path of ["../outside", "/etc/x", "a/../../b", "a\\..\\b", ""]) {
      const file = store.putBytes("evil");
      const manifest = store.putBytes(
        JSON.stringify({ folder: 1, files: [{ path, digest: file.digest, bytes: 4 }] }),
      );
      const target = fresh();
      const error = await errorOf(Promise.try(() => store.unpackFolder(manifest.digest, target)));
      expect(error.code).toBe("store/damaged");
      expect(readdirSync(target)).toEqual([]);
    }
  });
});

describe("what is read is checked", () => {
  test("changed bytes of the same length are found before anyone sees them", async () => {
    const { digest } = store.putBytes("precious");
    const path = store.pathOf(digest);
    chmodSync(path, 0o644);
    writeFileSync(path, "precipus");
    for (const read of [
      (): unknown => store.readBytes(digest),
      (): unknown => store.verifiedPath(digest),
    ]) {
      const error = await errorOf(Promise.try(read));
      expect([error.code, error.message]).toEqual([
        "store/damaged",
        `The object ${digest} is damaged: its bytes have another digest.`,
      ]);
    }
  });

  test("a truncated object is replaced when the same bytes are put again", () => {
    const { digest } = store.putBytes("cut short by a crash");
    chmodSync(store.pathOf(digest), 0o644);
    writeFileSync(store.pathOf(digest), "cut");
    expect(store.putBytes("cut short by a crash").digest).toBe(digest);
    expect(store.readBytes(digest).toString()).toBe("cut short by a crash");
  });

  test("a missing object is said to be missing", async () => {
    const digest = sha256(Buffer.from("never stored")) as ArtifactDigest;
    expect(store.has(digest)).toBe(false);
    expect((await errorOf(Promise.try(() => store.readBytes(digest)))).code).toBe("store/missing");
  });
});

test("nothing temporary is left", () => {
  expect(filesBelow(root).filter((file) => file.endsWith(".tmp"))).toEqual([]);
});

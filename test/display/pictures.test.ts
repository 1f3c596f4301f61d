/** Pictures and files as a notebook shows them: small, archived as data, never able to run anything. */
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { MimeBundle } from "../../core/host.ts";
import { listFiles } from "../../lineage/store/folder.ts";
import { decodePng, encodePng, gallery } from "../../stage/index.ts";
import { filesBundle } from "../../stage/display/files-bundle.ts";
import { bundleOf } from "../../stage/display/bundle.ts";
import { StoredFile } from "../../stage/files/folder-file.ts";
import { imageFacts } from "../../stage/picture/image-size.ts";

const root = mkdtempSync(join(tmpdir(), "steplab-pictures-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;

function filesOf(contents: Record<string, string | Uint8Array>): StoredFile[] {
  const folder = join(root, String(folders++));
  for (const [path, content] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return listFiles(folder).map((path) => {
    const at = join(folder, path);
    return new StoredFile(path, readFileSync(at).length, { path: at });
  });
}

const html = (bundle: MimeBundle): string => bundle["text/html"] as string; // it holds nothing else
const text = (bundle: MimeBundle): string => bundle["text/plain"] as string; // as above
const grey = (width: number, height: number): Uint8Array =>
  encodePng({ width, height, data: new Uint8Array(width * height).map((_, i) => (i * 37) % 251) });

describe("PNG", () => {
  test("pixels of every number of channels come back as they went in", () => {
    for (const channels of [1, 2, 3, 4]) {
      const data = new Uint8Array(7 * 5 * channels).map((_, i) => (i * 31) % 256);
      expect(decodePng(encodePng({ width: 7, height: 5, data }))).toEqual({
        width: 7,
        height: 5,
        data,
      });
    }
    expect(
      decodePng(encodePng({ width: 3, height: 1, data: new Float32Array([-1, 0.5, 2]) })).data,
    ).toEqual(new Uint8Array([0, 128, 255]));
  });

  test("a picture that another program wrote, with a palette and filtered lines, is read", () => {
    const file = readFileSync(
      fileURLToPath(new URL("../../docs/images/overview.png", import.meta.url)),
    );
    const picture = decodePng(file);
    expect([picture.width, picture.height, picture.data.length]).toEqual([
      1860,
      1083,
      1860 * 1083 * 3,
    ]);
    expect(imageFacts(file)).toEqual({ media: "image/png", size: { width: 1860, height: 1083 } });
  });

  test("what is none, is damaged or does not fit is said", () => {
    expect(() => decodePng(Buffer.from("GIF89a"))).toThrow("These bytes are no PNG image.");
    const damaged = Buffer.from(grey(4, 4));
    damaged[45] = 0xff ^ (damaged[45] ?? 0);
    expect(() => decodePng(damaged)).toThrow("This PNG image is damaged: a checksum is wrong.");
    expect(() => decodePng(grey(4, 4).subarray(0, 50))).toThrow("damaged");
    expect(() => encodePng({ width: 2, height: 2, data: [1] })).toThrow(
      "1 values are no picture of 2 × 2 pixels: it has 4 (grey), 12 (RGB) or 16 (RGBA).",
    );
  });
});

test("the size of a JPEG, GIF or WebP is in its header", () => {
  const jpeg = Buffer.from(
    "ffd8ffe000104a46494600010100000100010000ffc0000b080102030401011100",
    "hex",
  );
  const gif = Buffer.from("474946383961030002000000", "hex");
  const webp = Buffer.concat([
    Buffer.from("RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x63\0\0\x31\0\0", "latin1"),
    Buffer.alloc(8),
  ]);
  expect(imageFacts(jpeg)).toEqual({
    media: "image/jpeg",
    size: { width: 0x0304, height: 0x0102 },
  });
  expect(imageFacts(gif)).toEqual({ media: "image/gif", size: { width: 3, height: 2 } });
  expect(imageFacts(webp)).toEqual({ media: "image/webp", size: { width: 100, height: 50 } });
  expect(imageFacts(jpeg.subarray(0, 8))).toEqual({ media: "image/jpeg", size: null });
});

describe("a folder", () => {
  test("of images is a sheet of small pictures, of which a notebook keeps some dozens", async () => {
    const files = filesOf({
      ...Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`p/${i}.png`, grey(300, 200)])),
      "about.txt": "hello",
    });
    const bundle = await filesBundle(files);
    expect(text(bundle).split("\n")[0]).toBe(
      `101 files, ${Math.round((100 * grey(300, 200).length) / 1000)} kB: 100 image/png, 1 text/plain, 24 pictures shown`,
    );
    const pictures = [...html(bundle).matchAll(/src="data:image\/png;base64,([^"]+)"/g)].map(
      ([, data]) => decodePng(Buffer.from(String(data), "base64")),
    );
    expect(pictures).toHaveLength(24);
    expect(pictures[0]).toMatchObject({ width: 96, height: 64 });
    expect(html(bundle).length).toBeLessThan(600_000);
  });

  test("of texts is a table that shows how they begin", async () => {
    const bundle = await filesBundle(
      filesOf({ "b.md": "# Title\n\nWords", "a.bin": new Uint8Array(3) }),
    );
    expect(text(bundle)).toContain("# Title Words");
    expect(text(bundle)).toContain("application/octet-stream");
  });

  test("that is empty says so", async () => {
    expect(await filesBundle([])).toEqual({ "text/plain": "No files." });
  });

  test("cannot script the page it is shown in, whatever its names and contents", async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`;
    const evil = `"><script>alert(2)<`;
    const files = [...filesOf({ "x.svg": svg, "y.png": grey(2, 2) })];
    const named = files.map(
      (file) => new StoredFile(`${evil}${file.path}`, file.size, file.located, file.media),
    );
    const sheet = await filesBundle(named);
    expect(html(sheet)).not.toContain("<script");
    expect(html(sheet)).toContain('src="data:image/svg+xml;base64,');
    const table = await filesBundle([...filesOf({ "a.html": "<script>alert(3)</script>" })]);
    expect(html(table)).not.toContain("<script");
    for (const file of filesOf({ "a.html": "<script>alert(3)</script>", "x.svg": svg }))
      expect(html(await bundleOf(file))).not.toContain("<script");
  });

  test("names a picture that is too large to keep and cannot be made smaller", async () => {
    const jpeg = Buffer.concat([
      Buffer.from("ffd8ffc0000b080102030401011100", "hex"),
      Buffer.alloc(50_000),
    ]);
    const bundle = await filesBundle(filesOf({ "photo.jpg": jpeg }));
    expect(text(bundle)).toContain("photo.jpg  772 × 258, 50 kB, too large to be kept here");
    expect(html(bundle)).not.toContain("<img");
  });
});

test("a gallery shows pixels, bytes and files with a caption each, and says how many there are", async () => {
  const [file] = filesOf({ "a.png": grey(4, 4) });
  const items = [
    { name: "<one>", image: { width: 1, height: 1, data: [1] } },
    { name: "two", image: grey(2, 2) },
    { name: "three", image: file ?? grey(1, 1) },
  ];
  const bundle = await bundleOf(
    gallery(items, { image: (d) => d.image, caption: (d) => d.name, title: "Wrong", most: 2 }),
  );
  expect(text(bundle)).toBe("Wrong: 3 pictures, the first 2 shown\n  <one>  1 × 1\n  two  2 × 2");
  expect(html(bundle).match(/<img/g)).toHaveLength(2);
  expect(html(bundle)).toContain("&lt;one&gt;");
});

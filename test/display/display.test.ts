import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { display } from "../../stage/display/index.ts";
import { escapeHtml } from "../../stage/display/escape.ts";
import { FakeHost, textOf } from "./fake-host.ts";

/** The smallest PNG: one transparent pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
  return () => host[Symbol.dispose]();
});

describe("display", () => {
  test("shows a value as Node prints it, and text as it stands", () => {
    display({ a: [1, 2] });
    display("two\nlines");
    expect(host.outputs().map((bundle) => bundle["text/plain"])).toEqual([
      "{ a: [ 1, 2 ] }",
      "two\nlines",
    ]);
  });

  test("shows a bundle by its MIME types, and an array of objects as a table", () => {
    display({ "text/html": "<b>1</b>", "text/plain": "1" });
    display([{ a: 1 }, { a: 2 }]);
    expect(host.outputs()[0]).toEqual({ "text/html": "<b>1</b>", "text/plain": "1" });
    expect(host.outputs()[1]?.["text/html"]).toContain("<table>");
  });

  test("shows counts by MIME type as the data they are", () => {
    display({ "text/html": 12, "image/png": 3 });
    expect(host.outputs()).toEqual([{ "text/plain": "{ 'text/html': 12, 'image/png': 3 }" }]);
  });

  test("asks an object how it wants to be shown", () => {
    display({ [Symbol.for("Jupyter.display")]: () => ({ "text/markdown": "**x**" }) });
    expect(host.outputs()).toEqual([{ "text/markdown": "**x**" }]);
  });

  test("replaces what it showed, in place, under one id", () => {
    const state = display("loading");
    display("below");
    state.update("done");
    expect(host.outputs()).toEqual([{ "text/plain": "done" }, { "text/plain": "below" }]);
    expect(host.shown.map(({ options }) => options.update ?? false)).toEqual([false, false, true]);
    display("first", { id: "mine" });
    display("second", { id: "mine" });
    expect(host.shown.at(-1)?.options).toEqual({ displayId: "mine", update: true });
  });

  test("the cell waits for what is not ready, and an older value never replaces a newer one", async () => {
    const slow = Promise.withResolvers<Record<string, string>>();
    const place = display({ [Symbol.for("Jupyter.display")]: () => slow.promise });
    const ended = host.endCell();
    place.update("newer");
    slow.resolve({ "text/plain": "older" });
    await ended;
    expect(host.outputs()).toEqual([{ "text/plain": "newer" }]);
  });

  test("what fails to be shown fails the cell", async () => {
    display({ [Symbol.for("Jupyter.display")]: () => Promise.reject(new Error("no picture")) });
    await expect(host.endCell()).rejects.toThrow("no picture");
  });

  test("its handle as the last value of a cell shows nothing more", () => {
    const place = display("x");
    display(place);
    expect(host.outputs()).toEqual([{ "text/plain": "x" }]);
  });

  test("prints the text where there is no notebook", () => {
    host[Symbol.dispose]();
    const print = vi.spyOn(console, "log").mockImplementation(() => {});
    display([{ a: 1 }]);
    expect(print.mock.calls[0]?.[0]).toContain("1 row × 1 column");
    print.mockRestore();
  });
});

describe("the forms of display", () => {
  test("html escapes what is interpolated, whatever it is", () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        void display.html`<b title="${value}">${value}</b>`;
        const shown = textOf(host.shown.at(-1)?.bundle, "text/html");
        expect(shown).toBe(`<b title="${escapeHtml(value)}">${escapeHtml(value)}</b>`);
        expect(shown.match(/[<>]/g)).toHaveLength(4); // the two tags of the template and no others
      }),
    );
  });

  test("html refuses a string, and says how trusted HTML is shown", () => {
    // @ts-expect-error a string is what the types forbid too
    expect(() => display.html("<b>1</b>")).toThrow('display({ "text/html": text })');
  });

  test("markdown shows interpolated data as it stands", () => {
    void display.markdown`# ${"*not bold* <b>"}`;
    expect(host.outputs()[0]?.["text/markdown"]).toBe("# \\*not bold\\* &lt;b&gt;");
    display.markdown("*bold*");
    expect(host.outputs()[1]?.["text/markdown"]).toBe("*bold*");
  });

  test("latex sets a formula without delimiters on its own line", () => {
    display.latex("a^2");
    display.latex("$a^2$");
    expect(host.outputs().map((bundle) => bundle["text/latex"])).toEqual(["$$a^2$$", "$a^2$"]);
  });

  test("json shows a tree, and refuses what JSON cannot hold", () => {
    display.json({ a: [1, null], at: new Date(0) });
    expect(host.outputs()[0]?.["application/json"]).toEqual({
      a: [1, null],
      at: "1970-01-01T00:00:00.000Z",
    });
    expect(() => display.json(undefined)).toThrow("no JSON form");
  });

  test("image tells the kind by the bytes, from memory and from a file, and keeps the description", () => {
    const folder = mkdtempSync(join(tmpdir(), "steplab-image-"));
    try {
      writeFileSync(
        join(folder, "dot.svg"),
        `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`,
      );
      display.image(PNG, { alt: "a dot", width: 10 });
      display.image(join(folder, "dot.svg"));
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(host.shown[0]?.bundle).toEqual({
      "image/png": PNG.toString("base64"),
      "text/plain": "a dot",
    });
    expect(host.shown[0]?.options.metadata).toEqual({ "image/png": { alt: "a dot", width: 10 } });
    expect(host.shown[1]?.bundle["image/svg+xml"]).toContain("<svg");
    expect(() => display.image(Buffer.from("text"))).toThrow(
      "do not hold a PNG, JPEG, GIF, WebP or SVG",
    );
  });
});

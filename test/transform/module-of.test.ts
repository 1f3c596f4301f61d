import { describe, expect, test } from "vitest";
import { asPath } from "../../stage/transform/module-of.ts";

describe("the module of a transformer is a path", () => {
  test("of an address, without what the kernel appends to it", () => {
    expect(asPath("file:///work/C%23%20%26%20100%25/ridge.ts?steplab=2")).toBe(
      "/work/C# & 100%/ridge.ts",
    );
  });
  test("of a path that has the characters of an address in it", () => {
    expect(asPath("/work/C# & 100% sure?/ridge.ts")).toBe("/work/C# & 100% sure?/ridge.ts");
  });
});

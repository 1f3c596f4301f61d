import { describe, expect, test } from "vitest";
import { RedactedStream, Redactor } from "../../core/redact.ts";

const VALUE = `pa$$w"o<r>d & ünï`;

function redactor(...values: string[]): Redactor {
  const made = new Redactor();
  values.forEach((value, index) => made.add(`NAME${index === 0 ? "" : index}`, value));
  return made;
}

describe("a secret's value", () => {
  test.each([
    ["as it is", VALUE],
    ["in JSON", JSON.stringify(VALUE).slice(1, -1)],
    ["in an address", encodeURIComponent(VALUE)],
    ["in HTML", "pa$$w&quot;o&lt;r&gt;d &amp; ünï"],
    ["in Markdown", 'pa\\$\\$w"o&lt;r&gt;d &amp; ünï'],
    ["as base64", Buffer.from(VALUE).toString("base64")],
  ])("is taken out %s", (_how, form) => {
    expect(redactor(VALUE).text(`before ${form} after ${form}`)).toBe(
      "before [secret NAME] after [secret NAME]",
    );
  });

  test("is taken out whole when it contains another one", () => {
    expect(redactor("abcdef", "abcdefghi").text("abcdefghi abcdef")).toBe(
      "[secret NAME1] [secret NAME]",
    );
  });

  test("is taken out of every string of a value, names of members too, and numbers stay", () => {
    const json = { [VALUE]: [VALUE, 1, null, { deep: `x${VALUE}` }] };
    expect(redactor(VALUE).json(json)).toEqual({
      "[secret NAME]": ["[secret NAME]", 1, null, { deep: "x[secret NAME]" }],
    });
  });
});

describe("a stream", () => {
  const pieces = (...texts: string[]): string[] => {
    const stream = new RedactedStream(redactor("abcabd"));
    return [...texts.map((text) => stream.push(text)), stream.end()];
  };

  test("hides a secret that comes in two pieces, wherever it is cut", () => {
    for (let cut = 1; cut < 6; cut++)
      expect(pieces(`x${"abcabd".slice(0, cut)}`, `${"abcabd".slice(cut)}y`).join("")).toBe(
        "x[secret NAME]y",
      );
  });

  test("loses nothing of what only begins like one", () => {
    expect(pieces("abcabcab", "c", "abcabe ab").join("")).toBe("abcabcabcabcabe ab");
    expect(pieces("abc")).toEqual(["", "abc"]);
  });
});

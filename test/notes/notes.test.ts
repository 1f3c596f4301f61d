import { beforeEach, describe, expect, test } from "vitest";
import type { ArtifactDigest } from "../../core/digest.ts";
import type { Bindings, InputBinding } from "../../core/host.ts";
import { bindingOf } from "../../stage/bind.ts";
import { assumption, decision, finding } from "../../stage/notes/index.ts";
import { FakeHost, textOf } from "../display/fake-host.ts";

const LISTINGS = `sha256:${"ab".repeat(32)}` as ArtifactDigest; // a digest for tests
const REVIEWS = `sha256:${"cd".repeat(32)}` as ArtifactDigest;

function input(digest: ArtifactDigest): InputBinding {
  const source = { stage: "collect", output: "listings" };
  return { kind: "table", path: "/x", digest, bytes: 1, mediaType: "application/x", source };
}

const BINDINGS: Bindings = {
  version: 1,
  mode: "test",
  run: null,
  stage: "explore",
  seed: null,
  inputs: { listings: input(LISTINGS), reviews: input(REVIEWS) },
  staging: "/nowhere",
  scratch: "/nowhere",
  projectRoot: "/nowhere",
  notebook: "/nowhere/explore.ipynb",
};

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
  host.bind(BINDINGS);
  return () => host[Symbol.dispose]();
});

describe("a note", () => {
  test("is recorded with the data it was made on, and shown", () => {
    finding("Prices are log-normal", { tags: ["price"], on: ["listings"] });
    expect(host.facts).toEqual([
      {
        fact: "note",
        id: "finding-1",
        kind: "finding",
        text: "Prices are log-normal",
        tags: ["price"],
        on: [{ input: "listings", digest: LISTINGS }],
      },
    ]);
    expect(host.outputs()[0]?.["text/plain"]).toBe(
      "Finding (finding-1): Prices are log-normal\n  on: listings abababab\n  tags: price",
    );
  });

  test("is on the inputs read so far where nothing is said, on all that are bound where none was", async () => {
    expect(finding("x").on.map((on) => on.input)).toEqual(["listings", "reviews"]);
    await bindingOf("reviews", { kind: "table", columns: {} });
    expect(finding("x").on).toEqual([{ input: "reviews", digest: REVIEWS }]);
    expect(finding("x", { on: ["listings"] }).on.map((on) => on.input)).toEqual(["listings"]);
  });

  test("refuses an input that is not there", () => {
    expect(() => finding("x", { on: ["listing"] })).toThrow('"listing", which is no input');
  });

  test("shows what shows it, below the card", () => {
    finding("Two rows", { show: [{ a: 1 }, { a: 2 }] });
    expect(host.outputs()).toHaveLength(2);
    expect(host.outputs()[1]?.["text/html"]).toContain("<table>");
  });

  test("never becomes markup", () => {
    finding("<img src=x onerror=alert(1)> *b* [l](javascript:x)", { tags: ["</small><script>"] });
    const [card] = host.outputs();
    expect(textOf(card, "text/html")).not.toMatch(/<img|<script/);
    expect(textOf(card, "text/markdown")).toContain("\\*b\\* \\[l\\]\\(javascript\\:x\\)");
    expect(textOf(card, "text/markdown")).not.toMatch(/<img|<script/);
  });

  test("works in a script, where no data is known", () => {
    host.bindings = null;
    expect(finding("x", { on: ["anything"] }).on).toEqual([]);
  });
});

describe("an assumption", () => {
  test("that does not hold is knowledge: recorded and shown, and nothing fails", async () => {
    const note = await assumption("All in the city", { holds: () => false });
    expect(note).toMatchObject({ id: "assumption-1", kind: "assumption", holds: false });
    expect(host.outputs()[0]?.["text/plain"]).toContain("Assumption, does not hold");
    await assumption("Ids are unique", { holds: async () => true });
    expect(host.outputs()[1]?.["text/html"]).toContain("Assumption, holds");
  });

  test("whose test throws is not recorded: nobody knows whether it held", async () => {
    const broken = assumption("x", {
      holds: () => {
        throw new Error("broken test");
      },
    });
    await expect(broken).rejects.toThrow("broken test");
    expect(host.facts).toEqual([]);
  });
});

describe("a decision", () => {
  test("names its reasons, what it sets and what it was preferred to", async () => {
    const skewed = finding("Prices are skewed");
    const inside = await assumption("All in the city", { holds: () => true });
    const note = decision("Keep 10 to 350 USD", {
      because: [skewed, inside],
      sets: { "process.minPrice": 10 },
      instead: ["winsorise"],
      on: [],
    });
    expect(note).toMatchObject({
      id: "decision-1",
      because: ["finding-1", "assumption-1"],
      sets: { "process.minPrice": 10 },
      instead: ["winsorise"],
    });
    expect(host.outputs().at(-1)?.["text/plain"]).toBe(
      [
        "Decision (decision-1): Keep 10 to 350 USD",
        "  because: finding-1: Prices are skewed · assumption-1: All in the city",
        "  sets: process.minPrice = 10",
        "  instead of: winsorise",
      ].join("\n"),
    );
  });

  test("sets only what PIPELINE.md could say", () => {
    expect(() => decision("x", { because: [], sets: { "process.from": new Date() } })).toThrow(
      'sets for "process.from" is not a JSON value',
    );
  });
});

describe("the numbers of notes", () => {
  test("a cell that runs again in JupyterLab takes its own numbers again", async () => {
    const runCell = async (id: string, notes: number): Promise<string[]> => {
      host.cell = { id, count: host.cell.count };
      const ids = Array.from({ length: notes }, () => finding("x").id);
      await host.endCell();
      return ids;
    };
    expect(await runCell("a", 2)).toEqual(["finding-1", "finding-2"]);
    expect(await runCell("b", 1)).toEqual(["finding-3"]);
    expect(await runCell("a", 3)).toEqual(["finding-1", "finding-2", "finding-4"]);
  });
});

import { beforeEach, describe, expect, test, vi } from "vitest";
import { progress } from "../../stage/display/index.ts";
import { barBundle, durationText } from "../../stage/display/progress.ts";
import { FakeHost } from "./fake-host.ts";

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  return () => {
    vi.useRealTimers();
    host[Symbol.dispose]();
  };
});

const text = (): unknown => host.outputs()[0]?.["text/plain"];

describe("progress", () => {
  test("is one line, updated at most ten times a second, and always at the end", () => {
    using bar = progress(100_000, "fit");
    for (let i = 0; i < 100_000; i++) {
      bar.step();
      if (i % 100 === 99) vi.advanceTimersByTime(1); // a second for all
    }
    expect(host.outputs()).toHaveLength(1);
    expect(host.shown.length).toBeLessThanOrEqual(12);
    expect(text()).toBe("fit ████████████████████████ 100,000/100,000 · 1.0 s · 100,100/s");
  });

  test("tells whoever runs the notebook, as often as it shows", () => {
    const bar = progress(2, "fit");
    bar.step();
    bar.step();
    const [first] = host.facts;
    expect(host.facts).toHaveLength(2);
    expect(host.facts.at(-1)).toEqual({
      ...first,
      fact: "progress",
      label: "fit",
      done: 2,
      total: 2,
    });
  });

  test("passes items on, and knows how many there are", async () => {
    const seen: number[] = [];
    for (const n of progress([1, 2, 3])) seen.push(n);
    async function* source(): AsyncGenerator<number> {
      yield* [4, 5];
    }
    for await (const n of progress(source(), "unknown")) seen.push(n);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    expect(host.facts.map((fact) => fact.fact === "progress" && [fact.done, fact.total])).toEqual([
      [0, 3],
      [3, 3],
      [0, null],
      [2, null],
    ]);
  });

  test("a bar left half-way says so", () => {
    for (const n of progress([1, 2, 3, 4])) if (n === 3) break;
    expect(text()).toBe("████████████░░░░░░░░░░░░ 2/4, stopped");
  });

  test("the end of a cell shows where a running bar stands", async () => {
    const bar = progress(10);
    bar.step(4);
    expect(text()).toContain("0/10");
    await host.endCell();
    expect(text()).toContain("4/10");
    bar[Symbol.dispose]();
  });

  test("a burst of steps before a long wait is shown soon after", () => {
    const bar = progress(10);
    for (let i = 0; i < 5; i++) bar.step();
    vi.advanceTimersByTime(100);
    expect(text()).toContain("5/10");
    bar[Symbol.dispose]();
  });

  test("a total that is no count is refused", () => {
    expect(() => progress(-1)).toThrow("a total is a number from 0 up");
    expect(() => progress(Number.NaN)).toThrow("a total is a number from 0 up");
  });
});

describe("a bar", () => {
  const state = { label: "", done: 0, total: 0, isOver: false, elapsedMs: 0 };

  test("says how fast it goes and how long it will take", () => {
    const bundle = barBundle({ ...state, label: "fit", done: 25, total: 100, elapsedMs: 5000 });
    expect(bundle["text/plain"]).toBe(
      "fit ██████░░░░░░░░░░░░░░░░░░ 25/100 · 5.0 s · 5.0/s · 15 s left",
    );
    expect(bundle["text/html"]).toContain(`<progress value="25" max="100"></progress>`);
  });

  test("escapes its label", () => {
    expect(barBundle({ ...state, label: "<b>" })["text/html"]).toContain("&lt;b&gt;");
  });

  test.each([
    [420, "0.4 s"],
    [9990, "10 s"],
    [200_000, "3 min 20 s"],
    [7_500_000, "2 h 05 min"],
  ])("%d ms reads %s", (ms, expected) => {
    expect(durationText(ms)).toBe(expected);
  });
});

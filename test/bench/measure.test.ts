import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { KeptMeasurements } from "../../bench/kept.ts";
import { DidNotDo, measureTask, type Contestant, type Task } from "../../bench/measure.ts";
import { linesOf, textOf } from "../../bench/table.ts";

const given = { peers: null, say: () => undefined, quick: false };

function taskOf(contestants: readonly Contestant[], rounds = 3): Task {
  return {
    name: "sum",
    rounds,
    rows: [{ figure: "wall", what: "one and one", unit: "s", bound: 2 }],
    prepare: () => contestants,
  };
}

function contestant(name: string, walls: number[], work: unknown = 2): Contestant {
  const left = [...walls];
  return { name, measure: () => ({ wall: left.shift() ?? Number.NaN }), work: () => work };
}

describe("a task that is measured", () => {
  test("gives each contestant a turn after the other, and leaves the first turn out", async () => {
    const turns: string[] = [];
    const logged = (name: string): Contestant => ({
      name,
      measure: () => ({ wall: turns.push(name) }),
    });
    const { results } = await measureTask(taskOf([logged("steplab"), logged("peer")], 2), given);
    expect(turns).toEqual(["steplab", "peer", "steplab", "peer", "steplab", "peer"]);
    expect(results[0]?.rounds).toEqual([{ wall: 3 }, { wall: 5 }]);
  });

  test.each([
    ["--quick takes one turn of each and no more", {}, true, [{ wall: 1 }]],
    [
      "a task without a warm-up counts its first turn",
      { warmUp: false },
      false,
      [{ wall: 1 }, { wall: 2 }],
    ],
  ] as const)("%s", async (_title, change, quick, rounds) => {
    const task = { ...taskOf([contestant("steplab", [1, 2, 3])], 2), ...change };
    const { results } = await measureTask(task, { ...given, quick });
    expect(results[0]?.rounds).toEqual(rounds);
  });

  test("shows medians, the peer that takes least, and the ratio to it", async () => {
    const measured = await measureTask(
      taskOf([
        contestant("steplab", [9, 3, 1, 2]),
        contestant("slow", [8, 8, 8, 8]),
        contestant("fast", [4, 4, 4, 4]),
      ]),
      given,
    );
    const [line] = linesOf([measured]);
    expect(line).toMatchObject({
      steplab: { median: 2, min: 1, max: 3, n: 3 },
      ratio: 0.5,
      within: true,
      faults: [],
    });
    expect(line?.peers.map(({ name }) => name)).toEqual(["fast", "slow"]);
  });

  test("is invalid when a contestant did other work, and says what was other", async () => {
    const measured = await measureTask(
      taskOf([
        contestant("steplab", [1, 1, 1, 1], { shown: ["2"] }),
        contestant("peer", [1, 1, 1, 1], { shown: ["3"] }),
      ]),
      given,
    );
    const lines = linesOf([measured]);
    expect(lines[0]?.faults).toEqual(['peer did other work: shown.0: "3" instead of "2"']);
    const table = { machine: "", versions: {}, missing: {}, lines, quick: false };
    expect(textOf(table)).toContain("INVALID: peer did other work");
  });

  test("is valid when a peer says itself that it could not; after two such turns it is not asked again", async () => {
    const cannot: Contestant = {
      name: "peer",
      measure: () => {
        throw new DidNotDo("the signal ends the kernel");
      },
    };
    const measured = await measureTask(
      taskOf([contestant("steplab", [1, 1, 1, 1]), cannot]),
      given,
    );
    expect(linesOf([measured])[0]).toMatchObject({
      ratio: null,
      faults: [],
      peers: [{ name: "peer", spread: null, didNot: Array(2).fill("the signal ends the kernel") }],
    });
  });

  test("leaves out a turn in which a peer lost what it is known to lose", async () => {
    const works = [2, 2, 1, 2];
    const peer = { ...contestant("peer", [5, 6, 7, 8]), work: () => works.shift() };
    const measured = await measureTask(
      taskOf([contestant("steplab", [1, 1, 1, 1]), { ...peer, knownLoss: "an output is lost" }]),
      given,
    );
    expect(linesOf([measured])[0]).toMatchObject({
      faults: [],
      peers: [{ spread: { n: 2, min: 6, max: 8 }, didNot: ["an output is lost (1 instead of 2)"] }],
    });
  });

  test("is invalid when steplab fails, with what it said", async () => {
    const broken: Contestant = {
      name: "steplab",
      measure: () => {
        throw new Error("ended with 1");
      },
    };
    const { faults } = await measureTask(taskOf([broken]), given);
    expect(faults).toEqual(["steplab ended with 1"]);
  });
});

test("a table that was broken off goes on with what was measured, but for what failed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "steplab-bench-kept-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "measured.json");
  const good = taskOf([contestant("steplab", [1, 2, 3, 4])]);
  const bad = {
    ...taskOf([contestant("steplab", [1, 2]), contestant("peer", [1, 2], "other work")]),
    name: "bad",
  };
  const first = new KeptMeasurements(path, { withPeers: false, resume: false });
  for (const task of [good, bad]) first.keep(await measureTask(task, given));
  const later = new KeptMeasurements(path, { withPeers: false, resume: true });
  expect(linesOf([later.of(good)].filter((each) => each !== undefined))[0]?.steplab?.median).toBe(
    3,
  );
  expect(later.of(bad)).toBeUndefined();
  // Other peers, or not asked to go on: measured anew.
  for (const options of [
    { withPeers: true, resume: true },
    { withPeers: false, resume: false },
  ])
    expect(new KeptMeasurements(path, options).of(good)).toBeUndefined();
});

import { expect, test } from "vitest";
import { isRunId, newRunId } from "../../lineage/archive.ts";
import { findRun, listRuns, readRecord } from "../../lineage/query/runs.ts";
import type { RunId } from "../../lineage/record.ts";
import { makeProject } from "../rig/project.ts";
import { runRecord } from "../rig/records.ts";
import { errorOf } from "../rig/run.ts";

const at = (iso: string, hex: string): { now: () => number; randomHex: () => string } => ({
  now: () => Date.parse(iso),
  randomHex: () => hex,
});

test("a run's id is its time and four hex digits, legal as a file name everywhere", () => {
  const id = newRunId(at("2026-11-21T01:02:03.999Z", "6f3a"), undefined);
  expect(id).toBe("2026-11-21T010203Z-6f3a");
  expect(isRunId(id)).toBe(true);
  expect(isRunId("2026-11-21T01:02:03Z-6f3a")).toBe(false);
});

test("of two runs of one second the later one sorts last, whatever the dice say", () => {
  const second = "2026-11-21T01:02:03Z";
  const first = newRunId(at(second, "c000"), undefined);
  expect(newRunId(at(second, "0001"), first)).toBe("2026-11-21T010203Z-c001");
  expect(newRunId(at(second, "d000"), first)).toBe("2026-11-21T010203Z-d000");
  const full = "2026-11-21T010203Z-ffff" as RunId;
  expect(newRunId(at(second, "0001"), full) > full).toBe(true);
  expect(newRunId(at("2026-11-21T01:02:04Z", "0001"), full)).toBe("2026-11-21T010204Z-0001");
});

test("a run is named by `last`, `last~1`, its id, or an unmistakable beginning or end of it", async () => {
  const ids = ["2026-11-20T010203Z-0001", "2026-11-21T010203Z-0002", "2026-11-21T040506Z-0003"];
  await using project = await makeProject(
    Object.fromEntries(ids.map((id) => [`runs/${id}/run.json`, "{}"])),
  );
  const find = (word: string): string => findRun(project.root, word);
  expect(listRuns(project.root)).toEqual(ids);
  expect([find("last"), find("last~1"), find("last~2")]).toEqual(ids.toReversed());
  expect([find("2026-11-20"), find("0002"), find(ids[2] ?? "")]).toEqual(ids);
  const message = async (word: string): Promise<string> =>
    (await errorOf(Promise.try(() => find(word)))).message;
  expect(await message("last~3")).toBe("There are only 3 runs.");
  expect(await message("yesterday")).toBe('No run is called "yesterday".');
  expect(await message("2026-11-21")).toBe(`"2026-11-21" fits 2 runs: ${ids[1]}, ${ids[2]}.`);
});

test("a record that is torn, or of another format, is an error that says what still tells the run", async () => {
  const run = "2026-11-20T010203Z-0001" as RunId;
  await using project = await makeProject({ [`runs/${run}/run.json`]: `{ "steplab": 1, "ru` });
  const read = (): Promise<unknown> => Promise.try(() => readRecord(project.root, run));
  const torn = await errorOf(read());
  expect([torn.code, torn.hint]).toEqual([
    "archive/unreadable-record",
    `Look at runs/${run}/run.json; the journal beside it (events.jsonl) still tells the run.`,
  ]);
  await project.write(`runs/${run}/run.json`, `{ "steplab": 2 }`);
  expect((await errorOf(read())).code).toBe("archive/unknown-version");
  const other = runRecord("2026-11-21T010203Z-0002" as RunId);
  await project.write(`runs/${run}/run.json`, JSON.stringify(other));
  expect((await errorOf(read())).message).toBe(
    `The record of run ${run} is that of run ${other.run}.`,
  );
  await project.remove(`runs/${run}/run.json`);
  expect(await read()).toBeNull();
});

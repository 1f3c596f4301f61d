import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Journal, readJournal } from "../../lineage/journal.ts";
import { makeProject } from "../rig/project.ts";
import { errorOf } from "../rig/run.ts";

test("events are lines in the order they were told, each with its time, seen by watchers after they are written", async () => {
  await using project = await makeProject({});
  let now = 1000;
  using journal = new Journal(project.root, () => now++);
  const seen: string[] = [];
  journal.watch((event) => {
    const written = readFileSync(join(project.root, "events.jsonl"), "utf8").trimEnd().split("\n");
    seen.push(`${event.type} ${event.at} ${written.length}`);
  });
  journal.append({ type: "run-ended", status: "failed" });
  journal.append({ type: "stage-logged", stage: "a", stream: "stderr", text: "one\ntwo \u2028" });
  expect(seen).toEqual(["run-ended 1000 1", "stage-logged 1001 2"]);
  expect(readJournal(project.root)).toEqual([
    { at: 1000, type: "run-ended", status: "failed" },
    { at: 1001, type: "stage-logged", stage: "a", stream: "stderr", text: "one\ntwo \u2028" },
  ]);
});

test("a line that a crash has cut off is left out, and all whole ones are read", async () => {
  await using project = await makeProject({});
  {
    using journal = new Journal(project.root, () => 1);
    journal.append({ type: "run-ended", status: "succeeded" });
  }
  appendFileSync(join(project.root, "events.jsonl"), `{"at":2,"type":"run-en`);
  expect(readJournal(project.root)).toEqual([{ at: 1, type: "run-ended", status: "succeeded" }]);
});

test("a journal is never begun twice, and takes nothing after it is closed", async () => {
  await using project = await makeProject({});
  const journal = new Journal(project.root, () => 1);
  const again = await errorOf(Promise.try(() => new Journal(project.root, () => 1)));
  expect(again.code).toBe("archive/write-failed");
  journal[Symbol.dispose]();
  journal.append({ type: "run-ended", status: "succeeded" });
  expect(readJournal(project.root)).toEqual([]);
});

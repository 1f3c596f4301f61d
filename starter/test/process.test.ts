/** A stage is a unit under test: its notebook runs on the rows given, nothing is archived. `npm test` runs this. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runStage } from "steplab/testing";

const saturday = { day: "2026-05-02", sky: "clear", temperature: 20, rentals: 380 };
const monday = { day: "2026-05-04", sky: "rain", temperature: 12, rentals: 90 };

test("process marks weekends and drops days without a temperature", async () => {
  await using process = await runStage("process", {
    inputs: { days: [saturday, monday, { ...monday, day: "2026-05-05", temperature: null }] },
    params: { maxMissing: 0.5 },
  });
  assert.equal(process.status, "succeeded");
  assert.deepEqual(await process.output("days"), [
    { ...saturday, weekend: true },
    { ...monday, weekend: false },
  ]);
});

test("process stops when the thermometer failed too often", async () => {
  await using process = await runStage("process", {
    inputs: { days: [saturday, { ...monday, temperature: null }] },
  });
  assert.equal(process.status, "checks-failed");
});

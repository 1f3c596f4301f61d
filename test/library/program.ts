/**
 * A program that lives outside steplab's repository and uses nothing but its library, type-checked and run as its
 * author would: `node program.ts <project>`. The project is that of `test/library/library.test.ts`.
 */
import assert from "node:assert/strict";
import {
  lint,
  openArchive,
  openLint,
  run,
  status,
  StepLabError,
  type Diagnostic,
  type RunEvent,
  type RunRecord,
} from "steplab/runner";

const projectRoot = process.argv[2] ?? process.cwd();

const { diagnostics, order } = await lint(projectRoot);
const errors: Diagnostic[] = diagnostics.filter(({ severity }) => severity === "error");
assert.deepEqual(errors, []);
assert.deepEqual(order, ["make", "price"]);

await using session = openLint(projectRoot, { types: false });
assert.deepEqual((await session.lint()).order, order);

const stale = await status(projectRoot);
assert.deepEqual(
  stale.stages?.map(({ stage, state }) => `${stage} ${state}`),
  ["make stale", "price waits"],
);

const events: RunEvent["type"][] = [];
const first: RunRecord = await run({ projectRoot, onEvent: ({ type }) => events.push(type) });
assert.equal(first.status, "succeeded");
assert.deepEqual([events[0], events.at(-1)], ["run-started", "run-ended"]);
const second = await run({
  projectRoot,
  overrides: { profile: null, front: {}, stages: { make: { n: 4 } } },
});
assert.equal(second.stages["price"]?.metrics["mean"]?.value, 25);

const archive = openArchive(projectRoot);
assert.deepEqual(
  archive.runs({ metric: "mean" }).runs.map(({ run: id }) => id),
  [first.run, second.run], // goal: min
);
assert.equal(archive.run("last~1").run, first.run);

const listings = archive.output("price.listings");
assert.equal(listings.kind, "table");
const prices: number[] = [];
for await (const { price } of listings.rows<{ id: number; price: number }>()) prices.push(price);
assert.deepEqual(prices, [10, 20, 30, 40]);
assert.equal(archive.output("make.n", { run: "last~1" }).json(), 3);
assert.throws(
  () => archive.output("price.listing"),
  (error) =>
    error instanceof StepLabError &&
    error.code === "archive/unknown-artifact" &&
    error.hint === 'did you mean "price.listings"?',
);
assert.throws(() => listings.json(), { code: "archive/wrong-kind" });

const diff = archive.diff("last~1", "last");
assert.deepEqual(
  diff.stages.map(({ stage }) => stage),
  ["make", "price"],
);
assert.ok(archive.lineage("price.listings", { down: false }).edges.length > 0);
assert.deepEqual(archive.verify().problems, []);
process.stdout.write(`${second.run}\n`);

/** Keys as values: equal parts give one key whatever their order, any different part another. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf, type ArtifactDigest } from "../../core/digest.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import type { KeyParts } from "../../lineage/store/keys.ts";
import { explainKey, keyOf, keyParts, stageSeed, type KeySources } from "../../runner/key/key.ts";

const digestArb = fc.string({ maxLength: 8 }).map((text) => digestOf(text));
const nameArb = fc.stringMatching(/^[a-z][a-z0-9/.@_-]{0,10}$/);
const membersOf = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.dictionary(nameArb, value, { maxKeys: 4, noNullPrototype: true });

const sourcesArb: fc.Arbitrary<KeySources> = fc.record({
  code: digestArb,
  modules: membersOf(digestArb),
  packages: membersOf(fc.string({ maxLength: 6 })),
  locked: fc.boolean(),
  params: membersOf(fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>),
  inputs: membersOf(digestArb.map((digest) => digest as ArtifactDigest)), // the brand of stored artifacts
  seed: fc.string({ maxLength: 6 }),
  kernel: fc.constantFrom("steplab", "tslab"),
  steplab: digestArb,
});

function shuffled<T>(value: T): T {
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, shuffled<unknown>(inner)]),
  ) as T; // the same members
}

const keyOfSources = (sources: KeySources): string => keyOf(keyParts(sources));

describe("a key", () => {
  test("is the same for the same parts, in whatever order they were found", () => {
    fc.assert(
      fc.property(sourcesArb, (sources) => {
        expect(keyOfSources(shuffled(sources))).toBe(keyOfSources(sources));
        expect(explainKey(keyParts(sources), keyParts(shuffled(sources)))).toEqual([]);
      }),
    );
  });

  test("is another one for every part that differs, and the reason names that part", () => {
    const words: Record<keyof KeySources, RegExp> = {
      code: /^the notebook's code changed$/,
      modules: /^module /,
      packages: /^package /,
      locked: /^locked: /,
      params: /^parameter /,
      inputs: /^input /,
      seed: /^seed: /,
      kernel: /^kernel: /,
      steplab: /^steplab itself changed$/,
    };
    fc.assert(
      fc.property(
        sourcesArb,
        sourcesArb,
        fc.constantFrom(...(Object.keys(words) as (keyof KeySources)[])), // its own keys
        (sources, other, part) => {
          fc.pre(canonicalJson(sources[part]) !== canonicalJson(other[part]));
          const before = keyParts(sources);
          const after = keyParts({ ...sources, [part]: other[part] });
          const reasons = explainKey(before, after);
          expect(keyOf(after)).not.toBe(keyOf(before));
          expect(reasons.length).toBeGreaterThan(0);
          for (const reason of reasons) expect(reason).toMatch(words[part]);
        },
      ),
    );
  });

  test("holds Node's major version and the platform, so that another machine's results are not taken", () => {
    const [sources] = fc.sample(sourcesArb, 1);
    if (sources === undefined) throw new Error("one was asked for");
    const parts = keyParts(sources);
    expect(parts).toMatchObject({
      node: process.versions.node.split(".")[0],
      platform: `${process.platform}-${process.arch}`,
    });
    for (const other of [{ node: "99" }, { platform: "beos-m68k" }, { version: 0 }] as KeyParts[]) {
      expect(keyOf({ ...parts, ...other })).not.toBe(keyOf(parts));
      expect(explainKey(parts, { ...parts, ...other })).toHaveLength(1);
    }
  });
});

test("why a stage runs is said in words: what changed, from what to what", () => {
  const before = {
    params: { n: 1, gone: true },
    inputs: { x: digestOf("a") },
    code: digestOf("a"),
  };
  const after = { params: { n: 2, more: "b" }, inputs: { x: digestOf("b") }, code: digestOf("b") };
  expect(explainKey(before, after)).toEqual([
    "the notebook's code changed",
    "parameter gone is gone",
    "parameter more is new",
    "parameter n: 1 → 2",
    `input x: ${digestOf("a").slice(7, 15)} → ${digestOf("b").slice(7, 15)}`,
  ]);
});

test("a stage's seed is 64 hex digits of the pipeline's seed and its name: stable, and its own", () => {
  // printf '42/process' | sha256sum
  expect(stageSeed(42, "process")).toBe(digestOf("42/process").slice("sha256:".length));
  fc.assert(
    fc.property(fc.integer(), nameArb, nameArb, (seed, one, other) => {
      expect(stageSeed(seed, one)).toMatch(/^[0-9a-f]{64}$/);
      expect(stageSeed(seed, one) === stageSeed(seed, other)).toBe(one === other);
      expect(stageSeed(seed, one)).not.toBe(stageSeed(seed + 1, one));
    }),
  );
});

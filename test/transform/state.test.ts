/** States on disk: everything comes back equal to the bit, and damage is seen. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeState, encodeState } from "../../stage/transform/state.ts";

const numbers = fc.oneof(fc.double(), fc.constantFrom(-0, NaN, Infinity, -Infinity, 5e-324));
const arrays = fc.oneof(
  fc.float64Array(),
  fc.float32Array(),
  fc.int32Array(),
  fc.uint8Array(),
  fc.uint16Array(),
);
const keys = fc.oneof(fc.string(), fc.constantFrom("$array", "$number", "__proto__", "a.b", "0"));
const states = fc.letrec<{ state: unknown }>((tie) => ({
  state: fc.oneof(
    { maxDepth: 3 },
    numbers,
    arrays,
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.date({ noInvalidDate: true }),
    fc.array(tie("state")),
    fc
      .array(fc.tuple(keys, tie("state")))
      .map((members) => Object.fromEntries(members) as Record<string, unknown>),
  ),
})).state;

function roundTrip(state: unknown): unknown {
  const { json, arrays: files } = encodeState(state, "3");
  // As they lie on disk: the JSON as text, the bytes anywhere in a larger buffer.
  return decodeState(JSON.parse(JSON.stringify(json)), (file) => {
    const bytes = files.get(file) ?? new Uint8Array();
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    return shifted.subarray(1);
  });
}

test("a state comes back equal to the bit, whatever its keys and numbers", () => {
  fc.assert(
    fc.property(states, (state) => {
      expect(roundTrip(state)).toStrictEqual(state);
    }),
  );
});

test("each typed array is one file, named after where it stands", () => {
  const { json, arrays: files } = encodeState(
    {
      trees: {
        left: new Int32Array([1, -2]),
        "a b": new Float32Array(1),
        a_b: new Float32Array(2),
      },
    },
    "6",
  );
  expect([...files.keys()]).toEqual([
    "arrays/6.trees.left.bin",
    "arrays/6.trees.a_b.bin",
    "arrays/6.trees.a_b~2.bin",
  ]);
  expect([...(files.get("arrays/6.trees.left.bin") ?? [])]).toEqual([
    1, 0, 0, 0, 254, 255, 255, 255,
  ]);
  expect(json).toMatchObject({
    trees: { left: { $array: "arrays/6.trees.left.bin", type: "Int32Array", length: 2 } },
  });
});

test.each([
  ["a Map", { names: new Map() }],
  ["a function", { names: () => 1 }],
  ["a bigint", { names: 1n }],
  ["a URL", { names: new URL("https://example.org") }],
])("%s is no data, and the member is named", (what, state) => {
  expect(() => encodeState(state, "0")).toThrow(
    `A transformer's state holds ${what} under "names": only JSON values, dates and typed arrays can be stored.`,
  );
});

test("a file of another length is damage, and no numbers are made up", () => {
  const { json } = encodeState({ means: new Float64Array(2) }, "0");
  expect(() => decodeState(json, () => new Uint8Array(8))).toThrow(
    '"arrays/0.means.bin" of a model should hold 2 numbers (Float64Array) and holds 8 bytes.',
  );
});

test.each([
  ["constructor", 2],
  ["BigInt64Array", 2],
  ["Float64Array", "2"],
])("an array said to be %s of %j numbers is damage, and its file is not read", (type, length) => {
  const json = { means: { $array: "arrays/0.means.bin", type, length } };
  expect(() => decodeState(json, () => expect.unreachable())).toThrow(
    `A model says of "arrays/0.means.bin" that it holds ${JSON.stringify(length)} numbers of type "${type}"`,
  );
});

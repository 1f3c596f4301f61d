import { expect, test } from "vitest";
import { readableWords } from "../../pipeline/types/words.ts";

const ROW =
  "{ id: number; name: string | null; host: { id: number; at: Date; }; latitude: number; longitude: number; ... 6 more ...; days: number; }";

test("of two tables that do not fit, what was tried, the member and what is wrong stay, and long rows are cut", () => {
  expect(
    readableWords(
      `Argument of type 'TableSource<${ROW}>' is not assignable to parameter of type 'Writable<${ROW}>'.\n` +
        `Type 'TableSource<${ROW}>' is not assignable to type 'TableSource<${ROW}>'.\n` +
        `Types of property 'host' are incompatible.\n` +
        `Type '${ROW}' is not assignable to type '${ROW}'.\n` +
        `Property 'price' is missing in type '${ROW}' but required in type '${ROW}'.`,
    ),
  ).toBe(
    "Argument of type 'TableSource<{ id, name, host, … }>' is not assignable to parameter of type 'Writable<{ id, name, host, … }>'.\n" +
      "Types of property 'host' are incompatible.\n" +
      "Property 'price' is missing in type '{ id, name, host, … }' but required in type '{ id, name, host, … }'.",
  );
});

test("what is short, or is no type, is left as the compiler says it", () => {
  for (const message of [
    "Property 'prise' does not exist on type '{ id: number; price: number; }'. Did you mean 'price'?",
    "'}' expected.",
    "Type 'string' is not assignable to type 'number'.",
    "Type '{ [x: string]: number' was cut",
  ])
    expect(readableWords(message)).toBe(message);
});

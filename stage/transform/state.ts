/**
 * A fitted state as JSON and binary files, and back, equal to the bit.
 *
 * Typed arrays become a file each (little-endian, nothing but the numbers), so that any language can map them;
 * what JSON has no form for (NaN, infinities, -0, dates) is written as `{ "$number": "NaN" }` and `{ "$date": … }`.
 */
import { endianness } from "node:os";
import { showValue } from "../../core/describe-shape.ts";
import { StepLabError } from "../../core/error.ts";
import type { Json } from "../../core/json.ts";

const ARRAY_TYPES = {
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
} as const;

type ArrayType = keyof typeof ARRAY_TYPES;

export interface EncodedState {
  json: Json;
  /** File name (unique in the model) to bytes. */
  arrays: Map<string, Uint8Array>;
}

/**
 * @param prefix begins the names of array files: the step's place in the chain
 * @throws StepLabError `model/bad-state` naming the member that is no data
 */
export function encodeState(state: unknown, prefix: string): EncodedState {
  const arrays = new Map<string, Uint8Array>();
  const encode = (value: unknown, path: readonly string[]): Json => {
    if (value === null || typeof value === "boolean" || typeof value === "string") return value;
    if (typeof value === "number") return encodeNumber(value);
    if (value instanceof Date) return { $date: value.toISOString() };
    const type = arrayTypeOf(value);
    if (type !== undefined) {
      const array = value as InstanceType<(typeof ARRAY_TYPES)[ArrayType]>; // arrayTypeOf looked
      const file = fileName(prefix, path, arrays);
      arrays.set(file, littleEndian(array, array.BYTES_PER_ELEMENT));
      return { $array: file, type, length: array.length };
    }
    if (Array.isArray(value)) return value.map((item, at) => encode(item, [...path, String(at)]));
    if (isPlainObject(value)) {
      const members = Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([key, member]): [string, Json] => [key, encode(member, [...path, key])]);
      // A key of the data could look like one of ours ("$array"): such objects are written as pairs.
      if (members.some(([key]) => key.startsWith("$"))) return { $object: members };
      return Object.fromEntries(members);
    }
    throw new StepLabError(
      "model/bad-state",
      `A transformer's state holds ${describe(value)} under "${path.join(".")}": only JSON values, dates and typed arrays can be stored.`,
    );
  };
  return { json: encode(state, []), arrays };
}

/**
 * @param read gives the bytes of an array's file
 * @throws StepLabError `model/damaged` when a file's size is not what the JSON says
 */
export function decodeState(json: Json, read: (file: string) => Uint8Array): unknown {
  const decode = (value: Json): unknown => {
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map(decode);
    if (typeof value.$number === "string") return Number(value.$number);
    if (typeof value.$date === "string") return new Date(value.$date);
    if (typeof value.$array === "string") return decodeArray(value, value.$array, read);
    if (Array.isArray(value.$object))
      return Object.fromEntries(
        (value.$object as [string, Json][]).map(([key, member]) => [key, decode(member)]), // as encodeState wrote them
      );
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, decode(member)]));
  };
  return decode(json);
}

function encodeNumber(value: number): Json {
  if (Object.is(value, -0)) return { $number: "-0" };
  return Number.isFinite(value) ? value : { $number: String(value) };
}

function decodeArray(
  { type, length }: { [key: string]: Json },
  file: string,
  read: (file: string) => Uint8Array,
): unknown {
  if (!isArrayType(type) || typeof length !== "number") {
    throw new StepLabError(
      "model/damaged",
      `A model says of "${file}" that it holds ${showValue(length)} numbers of type ${showValue(type)}: steplab writes no such thing.`,
    );
  }
  const make = ARRAY_TYPES[type];
  const bytes = read(file);
  if (bytes.byteLength !== length * make.BYTES_PER_ELEMENT) {
    throw new StepLabError(
      "model/damaged",
      `"${file}" of a model should hold ${length} numbers (${type}) and holds ${bytes.byteLength} bytes.`,
      {
        hint: "The artifact was changed after it was written; `npx steplab verify` names what is damaged.",
      },
    );
  }
  // A copy of its own: a file's buffer may be shared, read-only, and not aligned.
  return new make(littleEndian(bytes, make.BYTES_PER_ELEMENT).buffer);
}

function isArrayType(value: unknown): value is ArrayType {
  return typeof value === "string" && Object.hasOwn(ARRAY_TYPES, value); // not "constructor"
}

function arrayTypeOf(value: unknown): ArrayType | undefined {
  if (!ArrayBuffer.isView(value)) return undefined;
  const name = Object.prototype.toString.call(value).slice("[object ".length, -1); // not fooled by other realms
  return isArrayType(name) ? name : undefined;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === "[object Object]" && !isClassInstance(value);
}

function isClassInstance(value: unknown): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== null && Object.getPrototypeOf(prototype) !== null;
}

/** A copy of the numbers' bytes, the lowest first, whatever the machine. Its own inverse. */
function littleEndian(array: ArrayBufferView, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(array.byteLength);
  bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  if (endianness() === "BE" && size > 1) {
    for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
  }
  return bytes;
}

/** Readable where keys are, unique always: `arrays/8-trees.threshold.bin`. */
function fileName(prefix: string, path: readonly string[], taken: Map<string, unknown>): string {
  const words = path.map((key) => key.replace(/[^\w-]+/g, "_").slice(0, 40));
  const base = `arrays/${[prefix, ...words].join(".")}`;
  for (let copy = 1; ; copy++) {
    const name = copy === 1 ? `${base}.bin` : `${base}~${copy}.bin`;
    if (!taken.has(name)) return name;
  }
}

function describe(value: unknown): string {
  if (value === undefined) return "undefined";
  if (typeof value === "object" && value !== null)
    return `a ${(value.constructor as { name?: string } | undefined)?.name ?? "strange object"}`;
  return `a ${typeof value}`;
}

/** JSON values, their canonical form (RFC 8785, what digests are taken of) and the form people read. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Whether a value of JSON is an object: no list, no null. */
export function isJsonObject(value: Json | undefined): value is Record<string, Json>;
export function isJsonObject(value: unknown): value is Record<string, unknown>;
export function isJsonObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * RFC 8785 (JSON Canonicalization Scheme): members sorted by UTF-16 code units, no white space,
 * numbers as ECMAScript prints them. `undefined` members are left out as in `JSON.stringify`.
 *
 * @throws TypeError for NaN, infinities, bigint and functions: none of them has a canonical form.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string")
    return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value))
    return `[${value.map((item) => canonicalJson(item === undefined ? null : item)).join(",")}]`;
  if (typeof value !== "object") throw new TypeError(`a ${typeof value} has no JSON form`);
  const members: string[] = [];
  const object = value as Record<string, unknown>; // narrowed by the checks above
  for (const key of Object.keys(object).sort()) {
    if (object[key] !== undefined)
      members.push(`${JSON.stringify(key)}:${canonicalJson(object[key])}`);
  }
  return `{${members.join(",")}}`;
}

/**
 * The same value with every object's keys sorted: records and schemas are written this way, so that they diff well.
 * What is sorted already is given back as it is: of a thousand cached stages nothing is copied.
 */
export function sortKeys<T>(value: T): T {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => sortKeys<unknown>(item));
    return items.every((item, at) => item === value[at]) ? value : (items as T); // element types are kept
  }
  const object = value as Record<string, unknown>; // a plain JSON object
  const keys = Object.keys(object);
  const members: [string, unknown][] = [];
  let same = true;
  for (const [at, key] of keys.entries()) {
    const before = keys[at - 1];
    const member = sortKeys(object[key]);
    if ((before !== undefined && before > key) || member !== object[key]) same = false;
    members.push([key, member]);
  }
  if (same) return value;
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members) as T; // the same keys
}

/** Indented by two, keys sorted, newline at the end: how records are written. */
export function readableJson(value: unknown): string {
  return `${JSON.stringify(sortKeys(value), null, 2)}\n`;
}

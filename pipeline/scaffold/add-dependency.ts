/** One more dependency in a package.json that is somebody's: everything else in it stays as it stands. */
import { isJsonObject } from "../../core/json.ts";

export type Added =
  | { outcome: "added"; text: string }
  /** It is there, with whatever version. */
  | { outcome: "present" }
  /** The text is no package.json, or not in the form that npm writes: adding would change more than one line. */
  | { outcome: "unclear" };

const LISTS = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/** Writes only where writing the parsed text again gives the same text, so that the addition is all that changes. */
export function addDependency(text: string, name: string, version: string): Added {
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch {
    return { outcome: "unclear" };
  }
  if (!isJsonObject(manifest)) return { outcome: "unclear" };
  const lists = LISTS.map((list) => manifest[list]);
  if (lists.some((list) => isJsonObject(list) && name in list)) return { outcome: "present" };
  const dependencies = manifest["dependencies"] ?? {};
  const indent = /^[\t ]+(?=")/m.exec(text)?.[0] ?? 2;
  const written = (value: object): string =>
    JSON.stringify(value, null, indent) + (/\s*$/.exec(text)?.[0] ?? "");
  if (!isJsonObject(dependencies) || written(manifest) !== text) return { outcome: "unclear" };
  const sorted = Object.entries({ ...dependencies, [name]: version }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return {
    outcome: "added",
    text: written({ ...manifest, dependencies: Object.fromEntries(sorted) }),
  };
}

/** Parameters over parameters. */
import { isJsonObject, type Json } from "./json.ts";

/** Objects are merged member by member, so that `-p train.gbdt.trees=50` reaches inside; everything else is replaced. */
export function mergeDeep(
  below: Record<string, Json>,
  above: Record<string, Json>,
): Record<string, Json> {
  const merged = { ...below };
  for (const [name, value] of Object.entries(above)) {
    const old = merged[name];
    merged[name] = isJsonObject(old) && isJsonObject(value) ? mergeDeep(old, value) : value;
  }
  return merged;
}

/** What changed in a JSON value, member by member. Pure. */
import { canonicalJson, isJsonObject, type Json } from "../../../core/json.ts";

/** One place where two values differ. A side on which there is nothing has no member. */
export interface ValueChange {
  /** `gbdt.trees`; the empty text is the value itself. */
  path: string;
  before?: Json;
  after?: Json;
}

/** Objects are compared member by member, anything else whole: a list that changed is one change. */
export function valueChanges(
  before: Json | undefined,
  after: Json | undefined,
  path = "",
): ValueChange[] {
  if (isJsonObject(before) && isJsonObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) =>
      valueChanges(before[name], after[name], path === "" ? name : `${path}.${name}`),
    );
  }
  if (isSame(before, after)) return [];
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

/** Members in another order are the same value. */
export function isSame(before: Json | undefined, after: Json | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  return before === after || canonicalJson(before) === canonicalJson(after);
}

/** The names of two records, those of the first in their order, then what only the second has. */
export function namesOf(before: object, after: object): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])];
}

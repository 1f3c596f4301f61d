/** What a model listens to, in the words of the listing and in dollars. */
import { table } from "steplab";
import type { Model, Table } from "steplab";
import { mae } from "./scores.ts";

export interface Importance {
  feature: string;
  /** How much the mean absolute error grows when the feature says nothing, USD. */
  costs: number;
}

/**
 * Permutation importance (Breiman 2001, section 10): each feature in turn is given the values of other rows, and
 * the error grows by what the model had learned from it. Any model can be asked, and features are asked as the
 * listing has them, not as the preprocessing makes two hundred columns of them.
 *
 * "Other rows" are those a third of the table further on: the deliveries are in no order, and nothing is drawn.
 *
 * @returns the most important first
 */
export async function permutationImportance<In extends object>(
  model: Model<In, { predicted: number }>,
  rows: Table<In>,
  actual: ArrayLike<number>,
): Promise<Importance[]> {
  const error = async (asked: Table<In>): Promise<number> =>
    mae(actual, (await model.apply(asked)).array("predicted"));
  const before = await error(rows);
  const importances: Importance[] = [];
  for (const feature of rows.columnNames())
    importances.push({ feature, costs: (await error(shifted(rows, feature))) - before });
  return importances.sort((a, b) => b.costs - a.costs);
}

function shifted<In extends object>(rows: Table<In>, feature: string): Table<In> {
  const all = rows as unknown as Table<Record<string, unknown>>; // columns by names that are data
  const columns = Object.fromEntries(all.columnNames().map((name) => [name, all.array(name)]));
  const values = columns[feature] ?? [];
  const third = Math.floor(values.length / 3);
  columns[feature] = [...values.slice(third), ...values.slice(0, third)];
  return table(columns) as unknown as Table<In>; // the same columns, one of them in another order
}

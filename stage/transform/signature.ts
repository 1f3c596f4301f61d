/** A model's signature: rows judged by it, and one signature compared with another. */
import { decodeShape, encodeShape } from "../../core/decode.ts";
import { StepLabError } from "../../core/error.ts";
import type { Json } from "../../core/json.ts";
import type { Columns, Shape } from "../../core/shape.ts";

type Row = Record<string, Json>;

/** @throws StepLabError `model/signature` naming row and column of the first value that does not fit */
export function encodeRows(rows: readonly object[], columns: Columns, what: string): Row[] {
  return rows.map((row, at) => {
    const values = row as Record<string, unknown>; // read by the signature's names
    const encoded = Object.entries(columns).map(([name, shape]): [string, Json] => {
      const value = encodeValue(values[name], shape);
      const decoded = decodeShape(shape, value, { from: "json" });
      if (decoded.ok) return [name, value as Json]; // encoded just above
      const problem = decoded.problems[0];
      throw new StepLabError(
        "model/signature",
        `Row ${at + 1}, column "${name}" of the ${what}: ${problem?.message ?? "it does not fit."}`,
        { hint: "The columns are those of a.model({ input, output })." },
      );
    });
    return Object.fromEntries(encoded);
  });
}

/** What `encodeRows` wrote, with dates as dates again. */
export function decodeRows(rows: readonly Row[], columns: Columns): Record<string, unknown>[] {
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(columns).map(([name, shape]) => {
        const decoded = decodeShape(shape, row[name], { from: "json" });
        return [name, decoded.ok ? decoded.value : null];
      }),
    ),
  );
}

/**
 * The reader declares what it will ask with and what it wants to hear: all that the model needs must be asked,
 * all that is wanted must be answered, each of the type the model was written for.
 *
 * @throws StepLabError `model/signature`
 */
export function demandFit(
  model: { input: Columns; output: Columns },
  reader: { input: Columns; output: Columns },
): void {
  demandColumns(model.input, reader.input, "needs", "the stage that reads it does not declare it");
  demandColumns(reader.output, model.output, "is to answer", "it does not");
}

function demandColumns(wanted: Columns, given: Columns, verb: string, otherwise: string): void {
  for (const [name, shape] of Object.entries(wanted)) {
    const there = given[name];
    if (there !== undefined && there.type === shape.type) continue;
    const instead = there === undefined ? otherwise : `the other end has ${typeOf(there)}`;
    throw new StepLabError(
      "model/signature",
      `The model ${verb} column "${name}" (${typeOf(shape)}), and ${instead}.`,
      { hint: "Declare a.model({ input, output }) with the same schemas at both ends." },
    );
  }
}

function typeOf(shape: Shape): string {
  return shape.nullable ? `${shape.type} or null` : shape.type;
}

/** NaN and infinities have no JSON form; as they are, the shape refuses them. */
function encodeValue(value: unknown, shape: Shape): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return value;
  return encodeShape(shape, value);
}

/** `parameters` and `inject`: a stage's parameters, from outside or from their defaults, typed and frozen. */
import { z } from "zod";
import { decodeValues, type Problem } from "../../core/decode.ts";
import { StepLabError } from "../../core/error.ts";
import { showValue } from "../../core/describe-shape.ts";
import { currentSession, type Session } from "../session.ts";
import { demandNames } from "./names.ts";
import { shapeOf } from "./shape-of.ts";

/** zod's core type on purpose: to compare a schema with the classic `z.ZodType` takes the compiler 250 ms, with this one 5. */
type Schemas = Record<string, z.core.$ZodType>;
type Values<T extends Schemas> = { readonly [K in keyof T]: z.infer<T[K]> };

interface State {
  injected: Record<string, unknown>;
  /** The parameters cell ran: what is injected from here on would be read by nobody. */
  declared: boolean;
  injectedBy: string | null;
}

const states = new WeakMap<Session, State>();

function stateOf(session: Session): State {
  const state = states.get(session) ?? { injected: {}, declared: false, injectedBy: null };
  states.set(session, state);
  return state;
}

/**
 * Declares the stage's parameters and gives their final values, deeply frozen.
 *
 *     const params = parameters({ minPrice: z.number().positive().default(10).describe("USD") })
 *
 * Values come from PIPELINE.md and the command line (through an `inject` cell in an executed notebook), else
 * from the defaults.
 *
 * @throws StepLabError `contract/invalid-parameter` naming every parameter that is unknown, missing or wrong,
 *   `contract/invalid-name`
 */
export function parameters<T extends Schemas>(schemas: T): Values<T> {
  demandNames("parameter", schemas);
  const session = currentSession();
  const state = stateOf(session);
  const shapes = Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, shapeOf(schema)]),
  );
  if (session.host?.declare !== undefined) {
    session.host.declare({ parameters: shapes });
    // A later declaration may use them; those without a default are undefined there.
    return decodeValues(shapes, {}, { from: "json" }).values as Values<T>;
  }
  state.declared = true;
  const { values, problems } = decodeValues(shapes, state.injected, { from: "json" });
  if (problems.length > 0) throw invalid(problems, state.injected);
  const judged = z.object(schemas).safeParse(values);
  if (!judged.success) throw invalid(judged.error.issues.map(problemOf), values);
  return deepFreeze(judged.data) as Values<T>; // zod's output of these schemas
}

/**
 * Gives the next `parameters` cell its values. Written by the runner into the cell tagged
 * `injected-parameters`; by hand only in tests.
 *
 *     inject({ minPrice: 20 });
 *
 * @throws StepLabError `parameter/inject-late` after `parameters` has run.
 */
export function inject(values: Record<string, unknown>): void {
  const session = currentSession();
  const state = stateOf(session);
  const cell = session.host?.cell.id ?? null;
  // In JupyterLab a notebook is run again from the top: the same cell may inject again.
  const again = !session.publishes && cell !== null && cell === state.injectedBy;
  if (state.declared && !again) {
    throw new StepLabError(
      "parameter/inject-late",
      `inject({ ${Object.keys(values).join(", ")} }) comes after parameters(…), which has already given out its values.`,
      { hint: "Put the cell tagged injected-parameters directly before the parameters cell." },
    );
  }
  states.set(session, { injected: { ...values }, declared: false, injectedBy: cell });
}

function problemOf(issue: z.core.$ZodIssue): Problem {
  return { path: issue.path.map(String).join("."), message: `${issue.message}.` };
}

function invalid(problems: Problem[], given: Record<string, unknown>): StepLabError {
  const lines = problems.map(({ path, message }) => {
    const value = path in given ? given[path] : undefined;
    const shown = value === undefined || message.includes(showValue(value));
    return `Parameter ${path}${shown ? "" : ` = ${showValue(value)}`}: ${message}`;
  });
  return new StepLabError("contract/invalid-parameter", lines.join("\n"));
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  // Typed arrays cannot be frozen; everything else that a schema gives can.
  if (!ArrayBuffer.isView(value)) Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}

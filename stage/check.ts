/**
 * Checks: named assertions about data or a model. All of them run and are recorded; the stage fails at the end
 * of the cell when one did not hold, so that a reader sees everything that is wrong, not the first thing.
 */
import { StepLabError } from "../core/error.ts";
import type { CheckFact } from "../core/fact.ts";
import type { Json } from "../core/json.ts";
import { keepOffendingRows, type OffendingRow } from "./artifact/offending-rows.ts";
import type { TableSource } from "./artifact/table-kind.ts";
import { Table } from "./artifact/table.ts";
import { checkBundle, figure, sayCheck } from "./check-bundle.ts";
import { currentSession, type Session } from "./session.ts";

export interface CheckOptions {
  /** The rule in words or as a formula: what a reader of the record sees beside the name. */
  rule?: string;
  /** The figure that was judged. */
  value?: Json;
  /** `warn` records and shows that it did not hold, and lets the stage go on. */
  severity?: "error" | "warn";
}

export interface RowCheckOptions<R> {
  rule?: string;
  severity?: "error" | "warn";
  /** The columns of offending rows that may be shown and kept; without it all of them. */
  show?: readonly (keyof R & string)[];
  /** How many rows may break the rule. Default 0. */
  atMost?: number;
}

export interface Check {
  /**
   * Records whether something holds.
   *
   *     check("no empty boroughs", boroughs.size === 5, { rule: "5 boroughs", value: boroughs.size })
   */
  (name: string, ok: boolean, options?: CheckOptions): void;
  /** Demands that a test holds for every row. Offending rows are kept as an artifact, the first ten in the record. */
  rows<R extends object>(
    name: string,
    of: Table<R> | TableSource<R>,
    test: (row: R) => boolean,
    options?: RowCheckOptions<R>,
  ): Promise<void>;
  /** Demands that a figure lies within bounds, both inclusive. NaN never does. */
  within(
    name: string,
    value: number,
    min: number,
    max: number,
    options?: Omit<CheckOptions, "value">,
  ): void;
}

/** How many offending rows the record itself holds; all of them are in the artifact. */
const FIRST_ROWS = 10;

/**
 * Records a named statement about data or a model, and shows it. A stage in which one does not hold ends as
 * `checks-failed`, at the end of the cell: all checks of a cell are made.
 *
 *     await check.rows("inside the city", listings, (d) => d.latitude >= 40.5, { show: ["id", "latitude"] });
 *     check.within("rows", listings.numRows(), 1, 1_000_000);
 *     check("five boroughs", boroughs.size === 5, { value: boroughs.size });
 */
export const check: Check = Object.assign(checkValue, { rows: checkRows, within: checkWithin });

function checkValue(name: string, ok: boolean, options: CheckOptions = {}): void {
  const { rule, value, severity = "error" } = options;
  record({
    fact: "check",
    name: claimName(name),
    status: statusOf(ok, severity),
    severity,
    ...(rule !== undefined && { rule }),
    ...(value !== undefined && { value: jsonOf(value) }),
  });
}

function checkWithin(
  name: string,
  value: number,
  min: number,
  max: number,
  options: Omit<CheckOptions, "value"> = {},
): void {
  const rule = options.rule ?? `${figure(min)} to ${figure(max)}`;
  checkValue(name, value >= min && value <= max, { ...options, rule, value });
}

async function checkRows<R extends object>(
  name: string,
  of: Table<R> | TableSource<R>,
  test: (row: R) => boolean,
  options: RowCheckOptions<R> = {},
): Promise<void> {
  const { rule, severity = "error", atMost = 0, show } = options;
  const claimed = claimName(name);
  const found = await findOffending(of, test, show);
  const staged = await keepOffendingRows(claimed, found.offending);
  record({
    fact: "check",
    name: claimed,
    status: statusOf(found.offending.length <= atMost, severity),
    severity,
    ...(rule !== undefined && { rule }),
    rows: {
      failed: found.offending.length,
      total: found.total,
      first: found.offending
        .slice(0, FIRST_ROWS)
        .map(({ row, values }) => ({ row, values: jsonRow(values) })),
      ...(staged !== undefined && { staged }),
    },
  });
}

async function findOffending<R extends object>(
  of: Table<R> | TableSource<R>,
  test: (row: R) => boolean,
  show: readonly string[] | undefined,
): Promise<{ total: number; offending: OffendingRow[] }> {
  const offending: OffendingRow[] = [];
  let total = 0;
  const rows: Iterable<R> | AsyncIterable<R> = of instanceof Table ? of : of.rows();
  for await (const row of rows) {
    total++;
    if (test(row)) continue;
    const all = row as Record<string, unknown>; // read by the names of its columns
    const names = show ?? Object.keys(all);
    offending.push({
      row: total,
      values: Object.fromEntries(names.map((name) => [name, all[name]])),
    });
  }
  return { total, offending };
}

function statusOf(ok: boolean, severity: "error" | "warn"): CheckFact["status"] {
  if (ok) return "passed";
  return severity === "warn" ? "warned" : "failed";
}

interface State {
  /** Names with the cell that used them: in JupyterLab a cell may run again. */
  names: Map<string, string | null>;
  failed: CheckFact[];
}

const states = new WeakMap<Session, State>();

function stateOf(session: Session): State {
  const known = states.get(session);
  if (known !== undefined) return known;
  const state: State = { names: new Map(), failed: [] };
  states.set(session, state);
  session.atCellEnd(() => failCell(state));
  session.atSettle(() => failCell(state));
  return state;
}

function claimName(name: string): string {
  const session = currentSession();
  const { names } = stateOf(session);
  const cell = session.host?.cell.id ?? null;
  const rerun = !session.publishes && session.mode !== "plain" && names.get(name) === cell;
  if (names.has(name) && !rerun) {
    throw new StepLabError(
      "check/repeated-name",
      `There is already a check "${name}" in this stage.`,
      {
        hint: "Give each check a name of its own: the record is read by name.",
      },
    );
  }
  names.set(name, cell);
  return name;
}

function record(fact: CheckFact): void {
  const session = currentSession();
  if (fact.status === "failed") stateOf(session).failed.push(fact);
  session.emit(fact);
  session.display(checkBundle(fact));
}

function failCell(state: State): void {
  const { failed } = state;
  if (failed.length === 0) return;
  state.failed = [];
  throw new ChecksFailed(failed);
}

/** What ends a cell whose checks did not all hold; its name tells the runner why the stage failed. */
export class ChecksFailed extends StepLabError {
  readonly checks: readonly string[];

  /** @internal */
  constructor(failed: readonly CheckFact[]) {
    const lines = failed.map((fact) => `  ${sayCheck(fact)}`);
    const what = failed.length === 1 ? "1 check failed:" : `${failed.length} checks failed:`;
    super("check/failed", [what, ...lines].join("\n"));
    this.name = "ChecksFailed";
    this.checks = failed.map(({ name }) => name);
  }
}

function jsonRow(values: Record<string, unknown>): Record<string, Json> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, jsonOf(value)]));
}

/** Any value as JSON: what JSON cannot hold (NaN, a bigint, a Date) as its text. */
function jsonOf(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? "invalid date" : value.toISOString();
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value === "object") return jsonRow(value as Record<string, unknown>); // seen on this line
  if (typeof value === "string" || typeof value === "boolean") return value;
  return `a ${typeof value}`; // functions and symbols have no text that says anything
}

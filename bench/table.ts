/** The one table: from what was measured to lines, and to text, markdown and JSON. */
import { availableParallelism, cpus, release, totalmem, type as systemType } from "node:os";
import { spreadOf, type Measured, type Row, type Spread, type Unit } from "./measure.ts";

/** A row as it is shown. */
export interface Line {
  task: string;
  what: string;
  unit: Unit;
  steplab: Spread | null;
  /** Least first; those that did not do it last. */
  peers: { name: string; spread: Spread | null; didNot: string[] }[];
  /** steplab's median by the best peer's; below 1 steplab takes less. Null where there is no peer. */
  ratio: number | null;
  bound: number | null;
  /** Null where there is no bound. */
  within: boolean | null;
  /** Other work, or a failure: then no figure here is worth anything. */
  faults: string[];
  note: string | null;
  load: [number, number];
}

export interface Table {
  machine: string;
  /** Versions of what was measured, by name. */
  versions: Record<string, string>;
  /** Peers that were asked for and are not there, with the reason. */
  missing: Record<string, string>;
  lines: Line[];
  /** One turn of each, without warm-up. */
  quick: boolean;
}

export function linesOf(measured: readonly Measured[]): Line[] {
  return measured.flatMap((one) => one.task.rows.map((row) => lineOf(one, row)));
}

function lineOf({ task, results, faults, load }: Measured, row: Row): Line {
  const spreads = results.map(({ name, rounds, didNot }) => ({
    name,
    didNot,
    spread: spreadOf(rounds.flatMap((figures) => figures[row.figure] ?? [])),
  }));
  const steplab = spreads[0]?.spread ?? null;
  const peers = spreads
    .slice(1)
    // One that did not do the task says so in its first row only.
    .filter(({ spread, didNot }) => spread !== null || (didNot.length > 0 && row === task.rows[0]))
    .sort((a, b) => (a.spread?.median ?? Infinity) - (b.spread?.median ?? Infinity));
  const best = peers[0]?.spread ?? null;
  const bound = row.bound ?? null;
  return {
    task: task.name,
    what: row.what,
    unit: row.unit,
    steplab,
    peers,
    ratio: steplab && best ? steplab.median / best.median : null,
    bound,
    within: bound === null || steplab === null ? null : steplab.median <= bound,
    faults,
    note: row.note ?? null,
    load,
  };
}

/** The least, where there is one, and the rest. */
function bestOf({ peers }: Line): [Line["peers"][number] | null, Line["peers"]] {
  const [best, ...others] = peers;
  return best?.spread ? [best, others] : [null, peers];
}

const ORDINARY_WIDTH = 58;

/** For a terminal: a line a row, the other peers indented below it. */
export function textOf({ machine, missing, lines }: Table): string {
  const head = row("what", "steplab", "best peer", "ratio", "bound");
  const body = lines.flatMap((line) => {
    if (line.faults.length > 0)
      return [line.what, ...line.faults.map((fault) => `    INVALID: ${fault}`)];
    const [best, others] = bestOf(line);
    return [
      row(
        line.what,
        shownSpread(line.steplab, line.unit),
        best ? shownPeer(best, line.unit) : "",
        line.ratio === null ? "" : shownNumber(line.ratio),
        shownBound(line),
      ),
      ...others.map((peer) => `    ${shownPeer(peer, line.unit)}`),
    ];
  });
  return [
    `${machine}; load ${shownLoad(lines)}; median (least..most) of the rounds`,
    ...Object.entries(missing).map(([name, why]) => `not installed: ${name}: ${why}`),
    "",
    head,
    ...body,
  ].join("\n");
}

function row(what: string, ...rest: readonly string[]): string {
  const [steplab = "", best = "", ratio = "", bound = ""] = rest;
  return `${what.padEnd(ORDINARY_WIDTH)} ${steplab.padEnd(26)} ${best.padEnd(52)} ${ratio.padStart(6)}  ${bound}`.trimEnd();
}

/** For the page in docs/: the table, the notes under it, and on what it was measured. */
export function markdownOf(table: Table, on: string): string {
  const { machine, versions, missing, lines, quick } = table;
  const notes: string[] = [];
  const rows = lines.map((line) => {
    if (line.note !== null && !notes.includes(line.note)) notes.push(line.note);
    const mark = line.note === null ? "" : ` [${notes.indexOf(line.note) + 1}]`;
    const what = escaped(line.what).replace(/^ +/, "… ") + mark; // markdown drops an indent
    if (line.faults.length > 0)
      return `| ${what} | invalid | | | | ${escaped(line.faults[0] ?? "")} |`;
    const [best, others] = bestOf(line);
    const cells = [
      what,
      shownSpread(line.steplab, line.unit),
      best ? shownPeer(best, line.unit) : "",
      line.ratio === null ? "" : shownNumber(line.ratio),
      shownBound(line),
      others.map((peer) => shownPeer(peer, line.unit)).join("; "),
    ];
    return `| ${cells.map((cell, i) => (i === 0 ? cell : escaped(cell))).join(" | ")} |`;
  });
  const known = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Measured on ${on}. ${machine}. Load average ${shownLoad(lines)}.`,
    ...(quick
      ? ["", "**One turn of each, without a warm-up:** a first look, no measurement."]
      : []),
    ...(known.length > 0 ? ["", `Versions: ${known.join(", ")}.`] : []),
    ...Object.entries(missing).map(([name, why]) => `Not installed: ${name} (${why}).`),
    "",
    "| task | steplab | best peer | steplab / best peer | bound | other peers |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
    ...notes.map((note, i) => `\n[${i + 1}] ${note}`),
  ].join("\n");
}

const escaped = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function shownPeer({ name, spread, didNot }: Line["peers"][number], unit: Unit): string {
  if (spread === null) return `${name}: ${didNot[0]}`;
  const failed =
    didNot.length === 0
      ? ""
      : `, in ${didNot.length} of ${didNot.length + spread.n} turns ${didNot[0]}`;
  return `${name} ${shownSpread(spread, unit)}${failed}`;
}

function shownSpread(spread: Spread | null, unit: Unit): string {
  if (spread === null) return "";
  const { median, min, max, n } = spread;
  const range = n === 1 ? "" : ` (${shownNumber(min)}..${shownNumber(max)})`;
  return `${shownNumber(median)}${range} ${unit}`.trimEnd();
}

function shownBound({ bound, within, unit }: Line): string {
  if (bound === null) return "";
  return `${within === false ? "OVER " : "<= "}${bound} ${unit}`.trimEnd();
}

/** Three digits that matter. */
function shownNumber(value: number): string {
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value >= 1 || value === 0 ? value.toFixed(2) : value.toPrecision(2);
}

function shownLoad(lines: readonly Line[]): string {
  const loads = lines.flatMap(({ load }) => load);
  return loads.length === 0
    ? "unknown"
    : `${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`;
}

/** What a figure depends on most. */
export function machineNow(): string {
  const model = cpus()[0]?.model.replaceAll(/\s+/g, " ").trim() ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${model}, ${availableParallelism()} cores, ${memory} GiB, ${systemType()} ${release().split("-")[0]}, Node ${process.versions.node}`;
}

/**
 * Publishing an output: staged in the stage's own folder, told as a fact, and visible to others only when the
 * runner has seen the stage succeed.
 */
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Port } from "../core/contract.ts";
import { StepLabError } from "../core/error.ts";
import type { OutputFact } from "../core/fact.ts";
import { diskError } from "./disk.ts";
import { currentSession, type Session } from "./session.ts";

interface State {
  declared: Record<string, Port>;
  written: Set<string>;
}

const states = new WeakMap<Session, State>();

function stateOf(session: Session): State {
  const known = states.get(session);
  if (known !== undefined) return known;
  const state: State = { declared: {}, written: new Set() };
  states.set(session, state);
  session.atSettle(() => demandAllWritten(session, state));
  return state;
}

/** Called by `outputs(…)`: from here on the stage owes these. */
export function declareOutputs(session: Session, ports: Record<string, Port>): void {
  stateOf(session).declared = ports;
}

/** What a kind made of a value: where it lies, and what is known of it. */
export type Published = Omit<OutputFact, "fact" | "name">;

/**
 * Runs one output's write: once a stage, waited for, told as a fact. `make` gets a function from a file name's
 * end (".parquet") to the absolute path to write to and its name below the staging folder.
 */
export function publish(
  name: string,
  make: (place: (extension: string) => StagedPlace) => Promise<Published>,
): Promise<void> {
  const session = currentSession();
  claim(session, name);
  return session.write(async () => {
    const places: StagedPlace[] = [];
    const place = (extension: string): StagedPlace => {
      const made = stagedPlace(session, `${name}${extension}`);
      places.push(made);
      return made;
    };
    try {
      const published = await make(place);
      session.emit({ fact: "output", name, ...published });
    } catch (error) {
      for (const { path } of places) rmSync(path, { recursive: true, force: true });
      throw diskError(`output "${name}"`, error) ?? error;
    }
  });
}

export interface StagedPlace {
  path: string;
  /** Relative to staging: what facts say. */
  staged: string;
}

/** A place below the staging folder, its parent made. */
export function stagedPlace(session: Session, staged: string): StagedPlace {
  const path = join(session.staging, staged);
  mkdirSync(dirname(path), { recursive: true });
  return { path, staged };
}

/** A metric is written without a file, and a series many times. */
export function markWritten(name: string): void {
  stateOf(currentSession()).written.add(name);
}

/** For kinds that stage in their own way: an output is claimed once a stage. */
export function claimOutput(name: string): void {
  claim(currentSession(), name);
}

function claim(session: Session, name: string): void {
  const { written } = stateOf(session);
  if (written.has(name) && session.publishes) {
    throw new StepLabError(
      "output/written-twice",
      `This stage has already written its output "${name}".`,
      { hint: "Write it once, or declare two outputs." },
    );
  }
  written.add(name);
}

function demandAllWritten(session: Session, state: State): void {
  if (!session.publishes) return;
  const missing = Object.keys(state.declared).filter((name) => !state.written.has(name));
  if (missing.length === 0) return;
  const names = missing.map((name) => `"${name}"`).join(", ");
  throw new StepLabError(
    "output/not-written",
    `The stage ended without writing ${missing.length === 1 ? "its output" : "its outputs"} ${names}.`,
  );
}

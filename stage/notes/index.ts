/**
 * Notes of exploration: what was found, what is taken for granted, what was decided and why. Each is shown
 * as a card and recorded in run.json with the data it was made on, where it can be searched and linked.
 */
import { z } from "zod";
import { didYouMean } from "../../core/did-you-mean.ts";
import { StepLabError } from "../../core/error.ts";
import type { NoteFact } from "../../core/fact.ts";
import type { Json } from "../../core/json.ts";
import { inputsRead } from "../bind.ts";
import { DISPLAY } from "../display/displayable.ts";
import { display } from "../display/index.ts";
import { currentSession, type Session } from "../session.ts";
import { noteCard } from "./card.ts";
import { NoteNumbers, type Note } from "./note.ts";

export type { Note } from "./note.ts";

/** What every kind of note may say besides its text. */
export interface NoteOptions {
  /** For searching: `["price", "outliers"]`. */
  tags?: string[];
  /** Names of the inputs it was made on; those read so far where nothing is said (all that are bound, if none was). */
  on?: string[];
  /** Shown below the card: the chart or table that shows it. */
  show?: unknown;
}

/**
 * Something seen in the data.
 *
 *     const skewed = finding("Prices are log-normal", { tags: ["price"], show: plot(raw, { mark: "bar", x: "price" }) });
 *
 * @returns the note, to be named in a decision's `because`
 */
export function finding(text: string, options: NoteOptions = {}): Note {
  return record({ kind: "finding", text, ...common(options) }, options.show);
}

/** What an {@link assumption} says: how it is tested. */
export interface AssumptionOptions extends NoteOptions {
  /** Whether it holds on the data at hand. What it throws is the cell's error: then nobody knows whether it held. */
  holds: () => boolean | Promise<boolean>;
}

/**
 * Something taken for granted, and the test of it. One that does not hold is recorded and shown as such, and
 * fails nothing: it is knowledge. What must hold for the pipeline to go on is a `check`.
 *
 *     const inside = await assumption("Every listing lies in the city", { holds: () => all.every((d) => d.latitude > 40.4) });
 */
export async function assumption(text: string, options: AssumptionOptions): Promise<Note> {
  const holds = await options.holds();
  return record({ kind: "assumption", text, ...common(options), holds }, options.show);
}

/** What a {@link decision} says: what it follows from, and what it changes. */
export interface DecisionOptions extends NoteOptions {
  /** The notes it follows from. */
  because: readonly Note[];
  /** What it changes: parameters by `stage.name`, with their values. */
  sets?: Record<string, unknown>;
  /** The alternatives that were turned down. */
  instead?: string[];
}

/**
 * What was decided, why, and what it changes.
 *
 *     decision("Train on log(price), keep 10 to 350 USD", {
 *       because: [skewed, inside],
 *       sets: { "process.minPrice": 10, "process.maxPrice": 350 },
 *       instead: ["winsorise"],
 *     });
 */
export function decision(text: string, options: DecisionOptions): Note {
  const { sets, instead } = options;
  return record(
    {
      kind: "decision",
      text,
      ...common(options),
      because: options.because.map(({ id }) => id),
      ...(sets && { sets: asJson(sets) }),
      ...(instead && { instead }),
    },
    options.show,
  );
}

interface Notebook {
  numbers: NoteNumbers;
  /** By id, for the cards of decisions that name them. */
  texts: Map<string, string>;
}

const notebooks = new WeakMap<Session, Notebook>();

function notebookOf(session: Session): Notebook {
  const notebook = notebooks.get(session) ?? { numbers: new NoteNumbers(), texts: new Map() };
  notebooks.set(session, notebook);
  return notebook;
}

function record(content: Omit<NoteFact, "fact" | "id">, shown: unknown): Note {
  const session = currentSession();
  const { numbers, texts } = notebookOf(session);
  const note = { id: numbers.next(content.kind, session.host?.cell), ...content };
  texts.set(note.id, note.text);
  session.emit({ fact: "note", ...note });
  const card = noteCard(note, texts);
  display({ [DISPLAY]: () => card });
  if (shown !== undefined) display(shown);
  return Object.freeze({ ...note, [DISPLAY]: () => ({}) }); // shown already, also where it is a cell's last value
}

function common({ tags, on }: NoteOptions): Pick<NoteFact, "tags" | "on"> {
  return { tags: tags ?? [], on: dataOf(on) };
}

/** What the note was made on: the inputs named, else those read so far, else all that are bound. */
function dataOf(names: readonly string[] | undefined): NoteFact["on"] {
  const session = currentSession();
  const read = inputsRead(session);
  const bound = new Map([...Object.entries(session.bindings?.inputs ?? {}), ...read]);
  if (bound.size === 0) return []; // a script, or a notebook that read nothing: no data is known
  const chosen = names ?? (read.size > 0 ? read : bound).keys();
  return Array.from(chosen, (input) => {
    const binding = bound.get(input);
    if (binding !== undefined) return { input, digest: binding.digest };
    throw new StepLabError(
      "note/unknown-input",
      `This note is made on "${input}", which is no input of this notebook.`,
      { hint: didYouMean(input, bound.keys()) ?? "It has read no inputs." },
    );
  });
}

const SETS = z.record(z.string(), z.json());

function asJson(sets: Record<string, unknown>): Record<string, Json> {
  const parsed = SETS.safeParse(sets);
  if (parsed.success) return parsed.data;
  const name = String(parsed.error.issues[0]?.path[0] ?? "");
  throw new StepLabError(
    "note/not-json",
    `What a decision sets for "${name}" is not a JSON value.`,
    {
      hint: "Write dates and other rich values as PIPELINE.md would: as text or numbers.",
    },
  );
}

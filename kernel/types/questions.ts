/** What the protocol's thread asks the types' thread. Places are offsets in UTF-16 units, in the code sent along. */
import type { CommOutcome, CommQuestion } from "./comm.ts";

export type Question =
  | { about: "complete"; code: string; offset: number }
  | { about: "inspect"; code: string; offset: number; detail: number }
  | { about: "comm"; question: CommQuestion };

export interface Completed {
  from: number;
  to: number;
  entries: { name: string; kind: string }[];
  /** What values that only exist at run time may add: names in scope, members that no type knows, nothing. */
  live: "names" | "members" | "nothing";
  /** Names that cells declared before they were edited: alive, and no longer the notebook's. */
  retired: string[];
}

export interface Inspected {
  /** TypeScript: a declaration, or the signatures of a call. */
  code: string;
  /** Markdown; may be empty. */
  documentation: string;
  /** Whether its value says something: not for calls, functions, types and modules. */
  isValue: boolean;
}

/** Null where nothing is known of the place. */
export interface Answers {
  complete: Completed | null;
  inspect: Inspected | null;
  comm: CommOutcome;
}

export type AnswerTo<Q extends Question> = Answers[Q["about"]];

export type ToTypes =
  | { type: "ran"; id: string | null; code: string }
  | { type: "ask"; id: number; question: Question };

export type FromTypes =
  /** Null when the compiler could not answer. */
  | { id: number; answer: Answers[Question["about"]] | null }
  /** The compiler's process has started: its id; or is over. */
  | { compiler: number | null };

export interface TypesThreadData {
  /** Tells kernel/boot.js which thread this is. */
  entry: "types/thread";
  /** File URL of the notebook. */
  notebook: string;
}

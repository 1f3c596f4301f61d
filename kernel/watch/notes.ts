/** What was read past the inputs, each once, with the places that did it. */
import type { ReadFact } from "../../core/fact.ts";
import { callerIn, type Caller, type Frame } from "./caller.ts";

export type ReadKind = ReadFact["kind"];
export type How = ReadFact["how"];

/** One thing that was read. */
export interface Note {
  kind: ReadKind;
  name: string;
  outside: boolean;
  how: How;
  package: string | null;
  frames: Frame[];
  count: number;
  replaces: string[];
  /** Stacks that were looked at: beyond a few, only the count goes on. */
  looks: number;
}

/** A loop reads from one place: what a further look at the stack would tell is known by then. */
const LOOKS = 4;
const PLACES = 3;
/** Things told of one stage: who reads a thousand of them needs no longer list to see it. */
const MOST = 200;

export class ReadNotes {
  readonly #rootUrl: string;
  readonly #changed = new Set<Note>();
  #notes = 0;

  /** @param rootUrl file: URL of the project's folder, with the last slash */
  constructor(rootUrl: string) {
    this.#rootUrl = rootUrl;
  }

  /** Null when the caller is Node or steplab, or what it may do: `counts` decides by who it is. */
  make(
    about: Pick<Note, "kind" | "name" | "how"> & { outside?: boolean },
    counts: (caller: Caller) => boolean = () => true,
  ): Note | null {
    const caller = callerIn(this.#rootUrl);
    if (caller === null || !counts(caller) || this.#notes >= MOST) return null;
    this.#notes++;
    const note: Note = {
      outside: false,
      ...about,
      package: caller.package,
      frames: caller.frame === null ? [] : [caller.frame],
      count: 1,
      replaces: [],
      looks: 1,
    };
    this.#changed.add(note);
    return note;
  }

  /** The same thing once more. */
  again(note: Note, how: How): void {
    const isNews = how === "read" && note.how === "looked-at";
    if (note.looks >= LOOKS && !isNews) {
      note.count++;
      this.#changed.add(note);
      return;
    }
    const caller = callerIn(this.#rootUrl);
    if (caller === null) return;
    note.looks++;
    note.count++;
    if (isNews) note.how = how;
    this.#addPlace(note, caller.frame);
    this.#changed.add(note);
  }

  #addPlace(note: Note, frame: Frame | null): void {
    const isKnown = note.frames.some(
      (each) => each.script === frame?.script && each.line === frame.line,
    );
    if (frame !== null && !isKnown && note.frames.length < PLACES) note.frames.push(frame);
  }

  /** It was no reading after all: the stage made it itself. */
  drop(note: Note): void {
    this.#changed.delete(note);
  }

  change(note: Note): void {
    this.#changed.add(note);
  }

  /** What is new since the last time. */
  take(): Note[] {
    const notes = [...this.#changed];
    this.#changed.clear();
    return notes;
  }
}

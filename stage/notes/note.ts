/** A note of exploration as data, and the numbers it is found by. */
import type { NoteFact } from "../../core/fact.ts";
import type { Host } from "../../core/host.ts";
import type { Displayable } from "../display/displayable.ts";

/** What `finding`, `assumption` and `decision` give back: to be named in a decision's `because`. */
export type Note = Readonly<Omit<NoteFact, "fact">> & Displayable;

/**
 * Numbers notes, `finding-1`, `finding-2`, `decision-1`: in the order in which a notebook makes them, so
 * that a stage's notes have the same ids in every run. In JupyterLab a cell that is executed again takes
 * its own numbers again, and what was noted there before is replaced, not doubled.
 */
export class NoteNumbers {
  readonly #last: Record<Note["kind"], number> = { finding: 0, assumption: 0, decision: 0 };
  readonly #cells = new Map<string, { count: number; used: number; ids: string[] }>();

  next(kind: Note["kind"], cell: Host["cell"] | undefined): string {
    if (cell === undefined || cell.id === null) return this.#new(kind);
    const known = this.#cells.get(`${cell.id}/${kind}`) ?? { count: cell.count, used: 0, ids: [] };
    this.#cells.set(`${cell.id}/${kind}`, known);
    if (known.count !== cell.count) Object.assign(known, { count: cell.count, used: 0 });
    const id = known.ids[known.used] ?? this.#new(kind);
    known.ids[known.used++] = id;
    return id;
  }

  #new(kind: Note["kind"]): string {
    return `${kind}-${++this.#last[kind]}`;
  }
}

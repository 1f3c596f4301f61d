/** Progress bars: one line in the notebook that is updated in place, and a fact for whoever runs it. */
import { findHost, type Host } from "../../core/host.ts";
import type { MimeBundle } from "../../core/host.ts";
import { DISPLAY } from "./displayable.ts";
import { escapeControls, escapeHtml } from "./escape.ts";
import { showValue, type DisplayHandle } from "./show.ts";

/** At most ten updates a second: more than eyes follow, and a loop of a million steps writes no million messages. */
const SHOWN_EVERY_MS = 100;

/** A bar that {@link progress} gives for a loop of one's own. Disposing it ends it. */
export interface Progress extends Disposable {
  /** Counts `n` more steps as done. */
  step(n?: number): void;
}

/**
 * A bar to be stepped by hand; `using` ends it, also when the cell fails:
 *
 *     using bar = progress(trees, "fit");
 *     while (grow()) bar.step();
 *
 * @param total how many steps there will be, or null when nobody knows
 */
export function progress(total: number | null, label?: string): Progress;
/** Passes the items of an array, a set, a table or any iterable on, with a bar: `for (const row of progress(table, "score"))`. */
export function progress<Item>(items: Iterable<Item>, label?: string): Generator<Item, void>;
/** The same for what arrives over time. */
export function progress<Item>(
  items: AsyncIterable<Item>,
  label?: string,
): AsyncGenerator<Item, void>;
export function progress<Item>(
  what: number | null | Iterable<Item> | AsyncIterable<Item>,
  label = "",
): Progress | Generator<Item, void> | AsyncGenerator<Item, void> {
  if (what === null || typeof what === "number") {
    if (what !== null && !(what >= 0))
      throw new RangeError(`progress(${what}): a total is a number from 0 up, or null`);
    return new Bar(what, label);
  }
  return Symbol.asyncIterator in what ? overAsync(what, label) : over(what, label);
}

function* over<Item>(items: Iterable<Item>, label: string): Generator<Item, void> {
  using bar = new Bar(lengthOf(items), label);
  for (const item of items) {
    yield item;
    bar.step();
  }
}

async function* overAsync<Item>(
  items: AsyncIterable<Item>,
  label: string,
): AsyncGenerator<Item, void> {
  using bar = new Bar(lengthOf(items), label);
  for await (const item of items) {
    yield item;
    bar.step();
  }
}

/** How many items there are, where the collection says so without being walked. */
function lengthOf(items: object): number | null {
  if ("length" in items && typeof items.length === "number") return items.length;
  if ("size" in items && typeof items.size === "number") return items.size;
  if ("numRows" in items && typeof items.numRows === "function") {
    const rows: unknown = items.numRows();
    return typeof rows === "number" ? rows : null;
  }
  return null;
}

/** Bars that still run; the end of a cell shows where each stands, finished or not. */
const running = new Set<Bar>();
const watched = new WeakSet<Host>();
let bars = 0;

class Bar implements Progress {
  readonly #id = `progress-${++bars}`;
  readonly #label: string;
  readonly #total: number | null;
  readonly #startedAt = performance.now();
  #done = 0;
  #isOver = false;
  #shownAt = -Infinity;
  #shownDone = -1;
  #later: NodeJS.Timeout | undefined;
  #place: DisplayHandle | undefined;

  constructor(total: number | null, label: string) {
    this.#total = total;
    this.#label = escapeControls(label);
    running.add(this);
    const host = findHost();
    if (host !== undefined && !watched.has(host)) {
      watched.add(host);
      host.onCellEnd(showAll);
    }
    this.#show();
  }

  step(n = 1): void {
    if (this.#isOver) return;
    this.#done += n;
    if (this.#total !== null && this.#done >= this.#total) this.#end();
    else if (performance.now() - this.#shownAt >= SHOWN_EVERY_MS) this.#show();
    // Between two updates: shown soon, unless a later step is shown first. Matters where steps come in bursts.
    else this.#later ??= setTimeout(() => this.#show(), SHOWN_EVERY_MS).unref();
  }

  [Symbol.dispose](): void {
    if (!this.#isOver) this.#end();
  }

  #end(): void {
    this.#isOver = true;
    running.delete(this);
    this.#show();
  }

  /** Shows where the bar stands, unless that is what is shown already. */
  show(): void {
    if (this.#done !== this.#shownDone) this.#show();
  }

  #show(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#shownAt = performance.now();
    this.#shownDone = this.#done;
    const host = findHost();
    if (host === undefined && !this.#isOver) return; // a script prints the end only
    const state = this.#state();
    const shown = { [DISPLAY]: () => barBundle(state) };
    if (this.#place === undefined) this.#place = showValue(shown);
    else this.#place.update(shown);
    host?.emit({
      fact: "progress",
      id: this.#id,
      label: this.#label,
      done: this.#done,
      total: this.#total,
    });
  }

  #state(): BarState {
    return {
      label: this.#label,
      done: this.#done,
      total: this.#total,
      isOver: this.#isOver,
      elapsedMs: this.#shownAt - this.#startedAt,
    };
  }
}

function showAll(): void {
  for (const bar of running) bar.show();
}

export interface BarState {
  label: string;
  done: number;
  total: number | null;
  /** No more steps will come, whether all were done or not. */
  isOver: boolean;
  elapsedMs: number;
}

/** A bar as text and as HTML: pure, so that it can be looked at for any moment. */
export function barBundle(bar: BarState): MimeBundle {
  const about = [doneText(bar), ...timeTexts(bar)].join(" · ");
  const label = bar.label && `${bar.label} `;
  return {
    "text/plain": `${label}${textBar(bar)}${about}`,
    "text/html": `<div>${escapeHtml(label)}${htmlBar(bar)} <small style="opacity:0.7">${escapeHtml(about)}</small></div>`,
  };
}

function doneText({ done, total, isOver }: BarState): string {
  const count = done.toLocaleString("en-US");
  if (total === null) return count;
  const text = `${count}/${total.toLocaleString("en-US")}`;
  return isOver && done < total ? `${text}, stopped` : text;
}

const BAR_CELLS = 24;

function textBar({ done, total }: BarState): string {
  if (total === null) return "";
  const full = total === 0 ? BAR_CELLS : Math.round(BAR_CELLS * Math.min(1, done / total));
  return `${"█".repeat(full)}${"░".repeat(BAR_CELLS - full)} `;
}

function htmlBar({ done, total, isOver }: BarState): string {
  // An unfinished bar without a value is drawn moving by browsers; a finished one without a total is full.
  if (total === null)
    return isOver ? `<progress value="1" max="1"></progress>` : "<progress></progress>";
  return `<progress value="${done}" max="${Math.max(total, 1)}"></progress>`;
}

function timeTexts({ done, total, isOver, elapsedMs }: BarState): string[] {
  if (elapsedMs < 1) return [];
  const perSecond = (done / elapsedMs) * 1000;
  const texts = [durationText(elapsedMs)];
  if (done > 0) texts.push(`${rateText(perSecond)}/s`);
  if (!isOver && total !== null && done > 0 && done < total)
    texts.push(`${durationText(((total - done) / perSecond) * 1000)} left`);
  return texts;
}

function rateText(perSecond: number): string {
  if (perSecond >= 100) return Math.round(perSecond).toLocaleString("en-US");
  return perSecond.toPrecision(2);
}

/** 0.4 s, 12 s, 3 min 20 s, 2 h 05 min. */
export function durationText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

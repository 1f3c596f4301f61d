/** Showing a value in the notebook now, and replacing it later. */
import { findHost, type Host, type MimeBundle } from "../../core/host.ts";
import { bundleOf, plainText, previewOf, type Shown } from "./bundle.ts";
import { DISPLAY, type Displayable } from "./displayable.ts";

/** What was shown. Its place in the notebook stays; its content can be replaced. */
export interface DisplayHandle extends Displayable {
  readonly id: string;
  /** Shows another value in the same place. */
  update(value: unknown): void;
}

/** How {@link display} shows a value. */
export interface ShowOptions {
  /** With the id of an earlier display, that one is replaced, wherever in the notebook it stands. */
  id?: string;
}

/** Counted, not random: running a notebook must not draw from the generator that its stage is seeded with. */
let displays = 0;

/** Bundles that are not ready yet; the cell waits for them, so that nothing is missing in an archived notebook. */
const pending = new Set<Promise<void>>();
const awaited = new WeakSet<Host>();
const shownIds = new Set<string>();

export function showValue(value: unknown, options: ShowOptions = {}): DisplayHandle {
  return new Place(options.id ?? `steplab-display-${++displays}`, value);
}

export function showBundle(shown: Shown): DisplayHandle {
  return new Place(`steplab-display-${++displays}`, new Ready(shown));
}

/** A bundle with its metadata, made by `display.image` and its like. */
class Ready {
  readonly shown: Shown;
  constructor(shown: Shown) {
    this.shown = shown;
  }
}

class Place implements DisplayHandle {
  readonly id: string;
  /** Counts what was shown here, so that a slow bundle never replaces a newer one. */
  #version = 0;

  constructor(id: string, value: unknown) {
    this.id = id;
    this.update(value);
  }

  update(value: unknown): void {
    const version = ++this.#version;
    if (value instanceof Ready) return this.#send(value.shown);
    const bundle = bundleOf(value);
    if (!(bundle instanceof Promise)) return this.#send({ bundle });
    this.#send({ bundle: previewOf(value) });
    keepForCell(
      bundle.then((whole) => {
        if (version === this.#version && findHost() !== undefined) this.#send({ bundle: whole });
      }),
    );
  }

  /** Shown already: a cell may end with `display(…)`, and its value adds nothing. */
  [DISPLAY](): MimeBundle {
    return {};
  }

  #send({ bundle, metadata }: Shown): void {
    if (Object.keys(bundle).length === 0) return;
    const host = findHost();
    if (host === undefined) return printPlain(bundle);
    host.display(bundle, {
      displayId: this.id,
      ...(shownIds.has(this.id) && { update: true }),
      ...(metadata && { metadata }),
    });
    shownIds.add(this.id);
  }
}

/** Outside a kernel (a script, a test) there is no notebook to show things in: the text is printed. */
function printPlain(bundle: MimeBundle): void {
  const text = bundle["text/plain"] ?? bundle["text/markdown"] ?? `[${Object.keys(bundle)[0]}]`;
  console.log(plainText(text));
}

function keepForCell(work: Promise<void>): void {
  const host = findHost();
  if (host === undefined) return; // nothing waits in a script: a failure is an unhandled rejection there
  if (!awaited.has(host)) {
    awaited.add(host);
    host.onCellEnd(finishDisplays);
  }
  pending.add(work);
  work.catch(() => {}); // not swallowed: the end of the cell awaits it and throws
}

/** Waits for every display still in the making; the first that failed fails the cell. */
async function finishDisplays(): Promise<void> {
  const work = [...pending];
  pending.clear();
  await Promise.all(work);
}

/**
 * The way out of the main thread: one ring of bytes in shared memory, one writer, one reader.
 *
 * Everything a cell produces (stream text and messages) takes this one road, so its order is the
 * order of the cell's own calls, and a flood meets back-pressure (the writer sleeps until the reader
 * has caught up) instead of memory. A MessagePort would give neither: main could post for ever while
 * it computes. Text reaches the client while main computes, because the reader needs nothing of main.
 *
 * A record is `[length][flags][cell][UTF-8 bytes]`, padded to four bytes, never wrapped around the
 * end. Long texts go as several records; a record with FIRST begins a new logical one, so a write
 * that was terminated half-way (an interrupt) damages nothing after it.
 */

export const STDOUT = 1;
export const STDERR = 2;
export const MESSAGE = 3;
export type RecordKind = typeof STDOUT | typeof STDERR | typeof MESSAGE;

const KIND_BITS = 0xff;
const FIRST = 0x100;
const LAST = 0x200;

/** Words of the control block. */
const HEAD = 0; // bytes ever written, modulo 2^32
const TAIL = 1; // bytes ever read, modulo 2^32
const SIGNAL = 2; // counts wake-ups of the reader
const ASLEEP = 3; // 1 while the reader wants to hear of any record
const URGENT = 4; // 1 when something other than stream text waits
const CLOSED = 5; // 1 when the reader is gone: writes are dropped, nobody sleeps for it
const CONTROL_WORDS = 8;

const CAPACITY_BYTES = 1 << 21;
/** Of one item of text: what a client gets in one message. */
const MAX_TEXT_BYTES = 1 << 17;
const HEADER_BYTES = 12;
const WRAP = -1; // in place of a length: the rest up to the end is empty
const MAX_CHARS = 1 << 16; // of one record; UTF-8 takes at most three bytes a UTF-16 unit
const QUIET_MS = 15; // how long stream text may wait for company

export type RingMemory = SharedArrayBuffer;

export function newRingMemory(): RingMemory {
  return new SharedArrayBuffer(CONTROL_WORDS * 4 + CAPACITY_BYTES);
}

function viewsOf(memory: RingMemory): { control: Int32Array; words: Int32Array; bytes: Buffer } {
  const offset = CONTROL_WORDS * 4;
  return {
    control: new Int32Array(memory, 0, CONTROL_WORDS),
    words: new Int32Array(memory, offset),
    bytes: Buffer.from(memory, offset),
  };
}

export class RingWriter {
  readonly #control: Int32Array;
  readonly #words: Int32Array;
  readonly #bytes: Buffer;

  constructor(memory: RingMemory) {
    const { control, words, bytes } = viewsOf(memory);
    this.#control = control;
    this.#words = words;
    this.#bytes = bytes;
  }

  /** Blocks while the ring is full. An interrupt (terminated execution) wakes it. */
  write(kind: RecordKind, cell: number, text: string): void {
    let from = 0;
    do {
      let to = Math.min(from + MAX_CHARS, text.length);
      if (to < text.length && isHighSurrogate(text.charCodeAt(to - 1))) to--; // never split a pair
      // Every piece of text stands alone: the reader may have sent the ones before it.
      const first = from === 0 || kind !== MESSAGE;
      const flags = kind | (first ? FIRST : 0) | (to === text.length ? LAST : 0);
      const whole = from === 0 && to === text.length;
      this.#append(flags, cell, whole ? text : text.slice(from, to));
      from = to;
    } while (from < text.length);
    this.#wake(kind === MESSAGE);
  }

  /** Waits until the reader has taken everything, at most `timeoutMs`. */
  flush(timeoutMs: number): void {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const tail = Atomics.load(this.#control, TAIL);
      if (tail === Atomics.load(this.#control, HEAD)) return;
      this.#wake(true);
      const left = deadline - performance.now();
      if (left <= 0 || Atomics.load(this.#control, CLOSED) === 1) return;
      Atomics.wait(this.#control, TAIL, tail, left);
    }
  }

  #append(flags: number, cell: number, text: string): void {
    const most = HEADER_BYTES + pad(text.length * 3);
    const at = this.#reserve(most);
    if (at < 0) return;
    const length = text.length === 0 ? 0 : this.#bytes.write(text, at + HEADER_BYTES, "utf8");
    this.#words[at / 4] = length;
    this.#words[at / 4 + 1] = flags;
    this.#words[at / 4 + 2] = cell;
    this.#advance(HEADER_BYTES + pad(length));
  }

  /** A place for `bytes` in one piece, or -1 when nobody reads any more. */
  #reserve(bytes: number): number {
    for (;;) {
      if (Atomics.load(this.#control, CLOSED) === 1) return -1;
      const tail = Atomics.load(this.#control, TAIL);
      const head = Atomics.load(this.#control, HEAD);
      const free = CAPACITY_BYTES - ((head - tail) >>> 0);
      const at = (head >>> 0) % CAPACITY_BYTES;
      const toEnd = CAPACITY_BYTES - at;
      if (toEnd < bytes) {
        if (free >= toEnd) {
          this.#words[at / 4] = WRAP;
          this.#advance(toEnd);
          continue;
        }
      } else if (free >= bytes) {
        return at;
      }
      this.#wake(true);
      Atomics.wait(this.#control, TAIL, tail, 1000); // the limit is for a reader that died without a word
    }
  }

  #advance(bytes: number): void {
    Atomics.store(this.#control, HEAD, (Atomics.load(this.#control, HEAD) + bytes) | 0);
  }

  #wake(urgent: boolean): void {
    if (urgent) Atomics.store(this.#control, URGENT, 1);
    // Not a notify a write: 100,000 small prints would spend their time in the operating system.
    if (!urgent && Atomics.exchange(this.#control, ASLEEP, 0) === 0 && !this.#halfFull()) return;
    Atomics.add(this.#control, SIGNAL, 1);
    Atomics.notify(this.#control, SIGNAL);
  }

  #halfFull(): boolean {
    const used = (Atomics.load(this.#control, HEAD) - Atomics.load(this.#control, TAIL)) >>> 0;
    return used > CAPACITY_BYTES / 2;
  }
}

/** What the reader hands on: a run of stream text of one cell, or one whole message. */
export interface RingItem {
  kind: RecordKind;
  cell: number;
  bytes: Buffer;
}

export class RingReader {
  readonly #control: Int32Array;
  readonly #words: Int32Array;
  readonly #bytes: Buffer;
  #parts: Buffer[] = [];
  #partsBytes = 0;
  #item: { kind: RecordKind; cell: number } | null = null;

  constructor(memory: RingMemory) {
    const { control, words, bytes } = viewsOf(memory);
    this.#control = control;
    this.#words = words;
    this.#bytes = bytes;
  }

  /** Resolves when there is something worth sending: a message, much text, or text that has waited its time. */
  async ready(): Promise<void> {
    let seen = Atomics.load(this.#control, SIGNAL);
    Atomics.store(this.#control, ASLEEP, 1);
    if (this.#isEmpty()) {
      await Atomics.waitAsync(this.#control, SIGNAL, seen).value;
      seen = Atomics.load(this.#control, SIGNAL);
    }
    Atomics.store(this.#control, ASLEEP, 0);
    if (Atomics.exchange(this.#control, URGENT, 0) === 0) {
      await Atomics.waitAsync(this.#control, SIGNAL, seen, QUIET_MS).value;
      Atomics.store(this.#control, URGENT, 0);
    }
  }

  /** Everything written so far, joined where stream and cell stay the same. */
  read(): RingItem[] {
    const items: RingItem[] = [];
    const head = Atomics.load(this.#control, HEAD);
    let tail = Atomics.load(this.#control, TAIL);
    while (tail !== head) {
      const at = (tail >>> 0) % CAPACITY_BYTES;
      const length = this.#words[at / 4] ?? WRAP;
      if (length === WRAP) {
        tail = (tail + CAPACITY_BYTES - at) | 0;
        continue;
      }
      this.#take(at, length, items);
      tail = (tail + HEADER_BYTES + pad(length)) | 0;
    }
    this.#finishText(items);
    Atomics.store(this.#control, TAIL, tail);
    Atomics.notify(this.#control, TAIL);
    return items;
  }

  close(): void {
    Atomics.store(this.#control, CLOSED, 1);
    Atomics.notify(this.#control, TAIL);
  }

  #take(at: number, length: number, items: RingItem[]): void {
    const flags = this.#words[at / 4 + 1] ?? 0;
    const cell = this.#words[at / 4 + 2] ?? 0;
    const kind = (flags & KIND_BITS) as RecordKind; // written by RingWriter alone
    const joins =
      kind !== MESSAGE &&
      this.#item?.kind === kind &&
      this.#item.cell === cell &&
      this.#partsBytes + length <= MAX_TEXT_BYTES;
    if ((flags & FIRST) !== 0 && !joins) {
      this.#finishText(items);
      this.#parts = [];
      this.#partsBytes = 0;
      this.#item = { kind, cell };
    }
    const from = at + HEADER_BYTES;
    this.#parts.push(Buffer.from(this.#bytes.subarray(from, from + length))); // a copy: the ring moves on
    this.#partsBytes += length;
    if ((flags & LAST) !== 0 && kind === MESSAGE) this.#finish(items);
  }

  /** Text may end anywhere; a message only with its last record, which may come with the next read. */
  #finishText(items: RingItem[]): void {
    if (this.#item && this.#item.kind !== MESSAGE) this.#finish(items);
  }

  #finish(items: RingItem[]): void {
    const [only] = this.#parts;
    const bytes = this.#parts.length === 1 && only ? only : Buffer.concat(this.#parts);
    if (this.#item) items.push({ ...this.#item, bytes });
    this.#item = null;
    this.#parts = [];
  }

  #isEmpty(): boolean {
    return Atomics.load(this.#control, HEAD) === Atomics.load(this.#control, TAIL);
  }
}

function pad(bytes: number): number {
  return (bytes + 3) & ~3;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

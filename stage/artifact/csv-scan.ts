/**
 * Reads CSV record by record (RFC 4180), knowing where each stands. DuckDB reads the data; this reads the header,
 * and, when DuckDB or the schema refuses a file, finds the place: the first record that is not well formed or
 * does not fit, with its row, its physical line and its column.
 */
import { isUtf8 } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";
import { StepLabError } from "../../core/error.ts";

export interface CsvField {
  text: string;
  /** `""` is the empty text, an unquoted empty field is a missing value. */
  quoted: boolean;
}

export interface CsvRecord {
  /** The physical line its first character stands on, from 1. */
  line: number;
  fields: CsvField[];
  /** What is wrong with its form: an open quote at the end of the file, text after a closing quote. */
  malformed?: string;
}

const CHUNK_BYTES = 1 << 18;
const LINE_BREAK = 0x0a;

/** The text of a file, chunk by chunk, its byte order mark left out. Refuses what is not UTF-8. */
function* textOf(path: string, subject: string): Generator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const file = openSync(path, "r");
  let lines = 0;
  try {
    for (;;) {
      const bytes = readSync(file, buffer, 0, CHUNK_BYTES, null);
      const chunk = buffer.subarray(0, bytes);
      try {
        yield decoder.decode(chunk, { stream: bytes > 0 });
      } catch (cause) {
        if (!(cause instanceof TypeError)) throw cause;
        throw new StepLabError(
          "csv/encoding",
          `${subject} is not UTF-8: line ${(lines + lineOfBadByte(chunk)).toLocaleString("en-US")} has bytes that UTF-8 does not have.`,
          { hint: "Save the file as UTF-8.", cause },
        );
      }
      if (bytes === 0) return;
      lines += lineBreaksIn(chunk);
    }
  } finally {
    closeSync(file);
  }
}

/** From 1, the line of a chunk that could not be decoded; its last where the chunk cuts a character. */
function lineOfBadByte(chunk: Uint8Array): number {
  let line = 1;
  let start = 0;
  // The rest of a character that the chunk before has begun.
  while (start < 3 && isContinuation(chunk[start])) start++;
  for (let end = chunk.indexOf(LINE_BREAK); end !== -1; end = chunk.indexOf(LINE_BREAK, start)) {
    if (!isUtf8(chunk.subarray(start, end))) return line;
    line++;
    start = end + 1;
  }
  return line;
}

function lineBreaksIn(chunk: Uint8Array): number {
  let count = 0;
  for (let at = chunk.indexOf(LINE_BREAK); at !== -1; at = chunk.indexOf(LINE_BREAK, at + 1))
    count++;
  return count;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte < 0xc0;
}

/** All records of a file, the header first; blank lines are skipped, as every CSV reader does. */
export function* csvRecords(path: string, subject: string, delimiter = ","): Generator<CsvRecord> {
  const parser = new CsvParser(delimiter);
  for (const text of textOf(path, subject)) yield* parser.take(text);
  yield* parser.end();
}

type State = "field-start" | "plain" | "quoted" | "quote-in-quoted";

class CsvParser {
  #state: State = "field-start";
  #line = 1;
  #record: CsvRecord = { line: 1, fields: [] };
  #field = "";
  #wasReturn = false;
  readonly #delimiter: string;

  /** @param delimiter one character */
  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  *take(text: string): Generator<CsvRecord> {
    for (const character of text) {
      const done = this.#step(character);
      if (done !== undefined) yield done;
    }
  }

  /** The last record, where no line break ends the file. */
  *end(): Generator<CsvRecord> {
    if (this.#state === "quoted")
      this.#record.malformed ??=
        "The file ends inside a quoted field: it is cut off, or a quote is missing.";
    if (this.#state === "field-start" && this.#record.fields.length === 0) return;
    this.#endField();
    yield this.#record;
  }

  #step(character: string): CsvRecord | undefined {
    const afterReturn = this.#wasReturn;
    this.#wasReturn = character === "\r" && this.#state !== "quoted";
    if (character === "\n" && afterReturn) {
      // The second half of CRLF: its record has ended at the first.
      this.#record.line = ++this.#line;
      return undefined;
    }
    if (character === "\n" && this.#state === "quoted") this.#line++;
    switch (this.#state) {
      case "quoted":
        if (character === '"') this.#state = "quote-in-quoted";
        else this.#field += character;
        return undefined;
      case "quote-in-quoted":
        if (character === '"') {
          this.#field += '"';
          this.#state = "quoted";
          return undefined;
        }
        if (!this.#isEnd(character))
          this.#record.malformed ??= `After a closing quote there is ${JSON.stringify(character)}: quotes inside a field are written twice.`;
        break;
      case "field-start":
        if (character === '"') {
          this.#state = "quoted";
          return undefined;
        }
        break;
      case "plain":
        if (character === '"')
          this.#record.malformed ??= `A quote stands inside an unquoted field: the field must be quoted, and the quote written twice.`;
        break;
    }
    if (character === this.#delimiter) return this.#endField();
    if (character === "\n" || character === "\r") return this.#endRecord(character);
    this.#field += character;
    if (this.#state === "field-start") this.#state = "plain";
    return undefined;
  }

  #isEnd(character: string): boolean {
    return character === this.#delimiter || character === "\n" || character === "\r";
  }

  #endField(): undefined {
    const quoted = this.#state === "quoted" || this.#state === "quote-in-quoted";
    this.#record.fields.push({ text: this.#field, quoted });
    this.#field = "";
    this.#state = "field-start";
  }

  #endRecord(character: string): CsvRecord | undefined {
    const blank = this.#state === "field-start" && this.#record.fields.length === 0;
    this.#endField();
    const record = this.#record;
    // After a lone "\r" the line is counted when its "\n" comes.
    if (character === "\n") this.#line++;
    this.#record = { line: this.#line, fields: [] };
    return blank ? undefined : record;
  }
}

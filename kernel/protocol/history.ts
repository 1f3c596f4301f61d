/** What was executed in this kernel, as `history_request` asks for it. Not kept across sessions. */
import { numberIn, textIn } from "./fields.ts";
import type { Content } from "../../core/wire/message.ts";

/** The one session there is. */
const SESSION = 1;

interface Entry {
  line: number;
  input: string;
  output: string | null;
}

export class History {
  readonly #entries: Entry[] = [];

  add(line: number, input: string): void {
    this.#entries.push({ line, input, output: null });
  }

  /** The plain text of a cell's result, for requests with `output: true`. */
  setOutput(line: number, output: string): void {
    const entry = this.#entries.at(-1);
    if (entry?.line === line) entry.output = output;
  }

  answer(request: Content): Content {
    const found = this.#find(request);
    const history = found.map(({ line, input, output }) => [
      SESSION,
      line,
      request["output"] === true ? [input, output] : input,
    ]);
    return { status: "ok", history };
  }

  #find(request: Content): Entry[] {
    const count = numberIn(request, "n", this.#entries.length);
    switch (request["hist_access_type"]) {
      case "range":
        return this.#range(request);
      case "search":
        return this.#search(request).slice(-count);
      default:
        return count > 0 ? this.#entries.slice(-count) : [];
    }
  }

  /** From `start` up to, not including, `stop`; session 0 is this one, negative ones were never kept. */
  #range(request: Content): Entry[] {
    const session = numberIn(request, "session", 0);
    if (session !== 0 && session !== SESSION) return [];
    const start = numberIn(request, "start", 0);
    const stop = numberIn(request, "stop", Infinity);
    return this.#entries.filter(({ line }) => line >= start && line < stop);
  }

  #search(request: Content): Entry[] {
    const matches = globToRegExp(textIn(request, "pattern", "*"));
    const found = this.#entries.filter(({ input }) => matches.test(input));
    if (request["unique"] !== true) return found;
    const last = new Map(found.map((entry) => [entry.input, entry]));
    return found.filter((entry) => last.get(entry.input) === entry);
  }
}

/** `*` any text, `?` one character, as IPython's SQLite GLOB has it. */
function globToRegExp(glob: string): RegExp {
  const source = RegExp.escape(glob).replaceAll("\\*", "[^]*").replaceAll("\\?", "[^]");
  return new RegExp(`^${source}$`);
}

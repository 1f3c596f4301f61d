/** Variables of the environment that are read through `process.env`. */
import type { Caller } from "./caller.ts";
import type { Note, ReadNotes } from "./notes.ts";

/** A run sets these itself, the same everywhere. */
const FIXED = new Set(["TZ", "LANG", "LC_ALL"]);
/** What the language asks of any object: JSON, an `await`. */
const PROTOCOL = new Set(["toJSON", "then", ...Object.getOwnPropertyNames(Object.prototype)]);

/** What packages ask to learn where they run (terminal, CI, folders, Node's own switches): it decides how they look, not what they give. */
const ABOUT_THE_MACHINE =
  /^(?:(?:NODE|NPM|JPY|XDG|LC|VITEST|JEST)_.*|npm_.*|.*_COLOR|COLOR.*|TERM.*|CI|.*_ACTIONS|DEBUG.*|PATH|PATHEXT|HOME.*|USER.*|LOGNAME|SHELL|PWD|TMPDIR|TEMP|TMP|EDITOR|DISPLAY|APPDATA|LOCALAPPDATA|OSTYPE|WSL.*|SYSTEMROOT|WINDIR|COMSPEC)$/i;

/**
 * `process.env` stays what it is: a Proxy passes everything on, so it is copied, enumerated, assigned, printed and handed to
 * child processes as ever. Going through all variables (`{ ...process.env }`) is no reading of one.
 */
export function watchEnvironment(notes: ReadNotes): void {
  const known = new Map<string, Note | null>();
  const made = new Set<string>();
  let walk = new Walk([]);

  const reads = (name: string | symbol, what: "descriptor" | "value"): void => {
    if (typeof name === "symbol" || walk.isAt(name, what)) return;
    if (FIXED.has(name) || PROTOCOL.has(name) || made.has(name)) return;
    const note = known.get(name);
    if (note !== undefined && note !== null) return notes.again(note, "read");
    const isSet = name in environment;
    const counts = (caller: Caller): boolean =>
      caller.package === null || (isSet && !ABOUT_THE_MACHINE.test(name));
    const found = notes.make({ kind: "environment", name, how: "read" }, counts);
    if (found !== null) known.set(name, found);
  };
  const makes = (name: string | symbol): void => {
    if (typeof name === "string") made.add(name);
  };

  const environment = process.env;
  process.env = new Proxy(environment, {
    get(target, name) {
      reads(name, "value");
      return Reflect.get(target, name) as unknown;
    },
    has(target, name) {
      reads(name, "value");
      return Reflect.has(target, name);
    },
    getOwnPropertyDescriptor(target, name) {
      reads(name, "descriptor");
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
    ownKeys(target) {
      const keys = Reflect.ownKeys(target);
      walk = new Walk(keys);
      return keys;
    },
    set(target, name, value) {
      makes(name);
      return Reflect.set(target, name, value);
    },
    defineProperty(target, name, descriptor) {
      makes(name);
      return Reflect.defineProperty(target, name, descriptor);
    },
    deleteProperty(target, name) {
      makes(name);
      return Reflect.deleteProperty(target, name);
    },
  });
}

/**
 * Somebody goes through the variables in their order: `Object.keys` asks for each one's descriptor, a spread for descriptor
 * and value in turn, JSON for all descriptors and then for all values. The first step out of line ends it.
 */
class Walk {
  readonly #keys: readonly (string | symbol)[];
  readonly #next = { descriptor: 0, value: 0 };

  constructor(keys: readonly (string | symbol)[]) {
    this.#keys = keys;
  }

  isAt(name: string, what: "descriptor" | "value"): boolean {
    if (this.#keys[this.#next[what]] === name) {
      this.#next[what]++;
      return true;
    }
    this.#next.descriptor = this.#next.value = this.#keys.length;
    return false;
  }
}

/**
 * Completion and inspection from the values there are: plain, and true of what ran.
 *
 * Everything is looked up with `throwOnSideEffect`: pressing Tab must not run a getter that writes.
 */
import inspector from "node:inspector";
import { inspect } from "node:util";
import type { Content } from "../../core/wire/message.ts";
import { HELPERS } from "./helper-name.ts";

/** What may stand before a dot: names, joined by dots. Calls and indexes are not evaluated. */
const CHAIN_BEFORE =
  /(?:([\p{ID_Start}$_][\p{ID_Continue}$]*(?:\??\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*)\??\.)?([\p{ID_Start}$_][\p{ID_Continue}$]*)?$/u;
const NAME_REST = /^[\p{ID_Continue}$]*/u;
const LOOKUP_MS = 200;
const PREVIEW_CHARS = 2000;

export class LiveScope {
  readonly #session = new inspector.Session();
  readonly #names: () => Iterable<string>;

  /** @param names the cells' own global names */
  constructor(names: () => Iterable<string>) {
    this.#names = names;
    this.#session.connect();
  }

  /** @param cursor in Unicode code points, as the protocol counts */
  complete(code: string, cursor: number): Content {
    const before = codePoints(code, cursor);
    const [, object, typed = ""] = CHAIN_BEFORE.exec(before) ?? [];
    const names = object === undefined ? this.#globals() : this.#propertiesOf(object);
    const matches = [...new Set(names)]
      .filter((name) => name.startsWith(typed) && NAME_REST.exec(name)?.[0] === name)
      .filter((name) => !name.startsWith("__") || typed.startsWith("_")) // Object.prototype's relics
      .sort();
    const start = cursor - Array.from(typed).length;
    return { matches, cursor_start: start, cursor_end: cursor, metadata: {} };
  }

  inspect(code: string, cursor: number): Content {
    const before = codePoints(code, cursor);
    const after = NAME_REST.exec(code.slice(before.length))?.[0] ?? "";
    const [chain = ""] = CHAIN_BEFORE.exec(before + after) ?? [];
    const found = chain === "" ? null : this.#lookUp(chain.replace(/\??\.$/, ""));
    if (!found) return { found: false, data: {}, metadata: {} };
    const text = describe(found.value);
    return { found: true, data: { "text/plain": text }, metadata: {} };
  }

  #globals(): string[] {
    const globals = namesOf(globalThis);
    return [...this.#names(), ...globals.filter((name) => name !== HELPERS)];
  }

  #propertiesOf(expression: string): string[] {
    const found = this.#lookUp(expression);
    return found ? namesOf(found.value) : [];
  }

  /** The value of a chain of names, when getting it changes nothing. */
  #lookUp(expression: string): { value: unknown } | null {
    let found: { value: unknown } | null = null;
    const scope = globalThis as Record<symbol, unknown>; // for the length of this call
    scope[RECEIVER] = (value: unknown) => {
      found = { value };
    };
    const evaluate = (text: string, pure: boolean, then?: () => void): void => {
      const request = {
        expression: text,
        throwOnSideEffect: pure,
        silent: true,
        timeout: LOOKUP_MS,
      };
      this.#session.post("Runtime.evaluate", request, (failure, answer) => {
        const details = (answer as inspector.Runtime.EvaluateReturnType | undefined)
          ?.exceptionDetails;
        if (!failure && !details) then?.();
      });
    };
    // Once to see that it is harmless, once to take it: the receiver itself is a side effect.
    evaluate(expression, true, () => {
      evaluate(
        `globalThis[Symbol.for(${JSON.stringify(RECEIVER.description)})](${expression})`,
        false,
      );
    });
    delete scope[RECEIVER];
    return found;
  }
}

const RECEIVER = Symbol.for("steplab.receiver");

function namesOf(value: unknown): string[] {
  const names: string[] = [];
  for (
    let object: unknown = value === null || value === undefined ? null : Object(value);
    object !== null;
    object = Object.getPrototypeOf(object)
  ) {
    // A table's prototype names its verbs; what all objects share comes last in every list anyway.
    names.push(...Object.getOwnPropertyNames(object));
  }
  return names;
}

function describe(value: unknown): string {
  if (typeof value === "function") {
    const source = Function.prototype.toString.call(value);
    return source.length <= PREVIEW_CHARS ? source : `${source.slice(0, PREVIEW_CHARS)} …`;
  }
  const text = inspect(value, { depth: 2, maxArrayLength: 20, maxStringLength: PREVIEW_CHARS });
  return `${typeName(value)}\n${text}`;
}

function typeName(value: unknown): string {
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  const { constructor } = value as { constructor?: { name?: unknown } }; // may be missing or anything
  return typeof constructor?.name === "string" ? constructor.name : "object";
}

function codePoints(text: string, count: number): string {
  return Array.from(text).slice(0, count).join("");
}

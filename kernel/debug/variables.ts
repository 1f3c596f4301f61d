/** Values as the Debug Adapter Protocol shows them: a line of text each, and a reference to what is inside. */
import type { Debugger, Runtime } from "node:inspector";
import type { Session } from "node:inspector/promises";
import { HELPERS } from "../evaluate/helper-name.ts";

export interface Variable {
  name: string;
  /** With the type where it is not plain; of its own it is not told, because JupyterLab would show it in the value's place. */
  value: string;
  /** 0: there is nothing inside. */
  variablesReference: number;
  evaluateName?: string;
}

/** What V8 keeps for the debugger, by name. */
export const OBJECTS = "steplab-debugger";
/** Of a long list, and of a map, so many are shown. */
const SHOWN = 100;
const LONGEST = 1_000;

/** What is behind a reference: an object, or scopes within each other, the innermost first. */
type Reference = { objectId: string } | { scopes: string[] };

/** References hold until the cell goes on. */
export class Variables {
  readonly #session: Session;
  readonly #references: Reference[] = [];

  constructor(session: Session) {
    this.#session = session;
  }

  /** A new number for scopes within each other, which are shown as one. */
  scope(scopes: readonly Debugger.Scope[]): number {
    return this.#references.push({ scopes: scopes.flatMap(({ object }) => object.objectId ?? []) });
  }

  of(name: string, value: Runtime.RemoteObject): Variable {
    const hasParts = value.objectId !== undefined && value.type !== "function";
    return {
      name,
      value: textOf(value),
      variablesReference: hasParts ? this.#references.push({ objectId: value.objectId ?? "" }) : 0,
    };
  }

  /** What is behind a reference that was given out; nothing when the cell went on since. */
  async inside(reference: number): Promise<Variable[]> {
    const known = this.#references[reference - 1];
    if (known === undefined) return [];
    if ("objectId" in known) return await this.#parts(await this.#shown(known.objectId));
    const found = new Map<string, Variable>();
    for (const objectId of known.scopes)
      for (const variable of await this.#parts(objectId))
        if (!found.has(variable.name)) found.set(variable.name, variable);
    return [...found.values()];
  }

  /** V8 keeps what it was asked about until it is told that nobody looks any more. */
  clear(): void {
    this.#references.length = 0;
    void this.#session
      .post("Runtime.releaseObjectGroup", { objectGroup: OBJECTS })
      .catch(() => undefined); // the kernel ends
  }

  async #parts(objectId: string): Promise<Variable[]> {
    const { result, internalProperties = [] } = await this.#session.post("Runtime.getProperties", {
      objectId,
      ownProperties: true,
      generatePreview: true,
    });
    const variables = result
      .filter(
        ({ name, symbol }) => symbol === undefined && name !== "__proto__" && name !== HELPERS,
      )
      .map(({ name, value, get }) => this.of(name, value ?? GETTER[get === undefined ? 0 : 1]));
    // The result of a promise is in no property.
    const more = internalProperties.flatMap(({ name, value }) =>
      name.startsWith("[[Promise") && value !== undefined ? [this.of(name, value)] : [],
    );
    return [...variables, ...more];
  }

  /** A long list cut, a map by its keys. */
  async #shown(objectId: string): Promise<string> {
    const { result } = await this.#session.post("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration: SHORTENED,
      objectGroup: OBJECTS,
      arguments: [{ value: SHOWN }],
    });
    return result.objectId ?? objectId;
  }
}

/** In the kernel's own JavaScript: `this` is the value. Getters are not called. */
const SHORTENED = `function (most) {
  const first = (iterable) => {
    const found = [];
    for (const each of iterable) if (found.push(each) >= most) break;
    return found;
  };
  if (this instanceof Map)
    return Object.fromEntries(first(this).map(([key, value], n) => [typeof key === "object" ? "key " + n : String(key), value]));
  if (this instanceof Set) return first(this);
  const isList = Array.isArray(this) || (ArrayBuffer.isView(this) && !(this instanceof DataView));
  if (!isList || this.length <= most) return this;
  return Object.assign(Object.fromEntries(first(this).entries()), { length: this.length });
}`;

const GETTER: readonly [Runtime.RemoteObject, Runtime.RemoteObject] = [
  { type: "undefined", description: "not yet there" },
  { type: "function", description: "(computed when it is read)" },
];

/** One line. */
export function textOf(value: Runtime.RemoteObject): string {
  const { type, subtype, description, preview } = value;
  if (type === "string") return JSON.stringify(value.value).slice(0, LONGEST);
  if (type === "undefined") return description ?? "undefined";
  if (subtype === "null") return "null";
  if (type === "function") return (description ?? "function").split("\n")[0]!.slice(0, LONGEST);
  if (preview === undefined || subtype === "error")
    return (description ?? String(value.value)).split("\n")[0]!.slice(0, LONGEST);
  return previewText(preview).slice(0, LONGEST);
}

function previewText({
  subtype,
  description,
  properties,
  overflow,
  entries,
}: Runtime.ObjectPreview): string {
  const isList = subtype === "array" || subtype === "typedarray";
  const parts = entries
    ? entries.map(({ key, value }) => `${key ? `${partText(key)} => ` : ""}${partText(value)}`)
    : properties.map(({ name, type, value = "", subtype: kind }) => {
        const text =
          type === "string" ? JSON.stringify(value) : kind === "null" ? "null" : value || type;
        return isList ? text : `${name}: ${text}`;
      });
  if (overflow) parts.push("…");
  const [open, close] = isList ? "[]" : "{}";
  const name = description === undefined || description === "Object" ? "" : `${description} `;
  return `${name}${open}${parts.join(", ")}${close}`;
}

function partText({ type, description }: Runtime.ObjectPreview): string {
  return type === "string" ? JSON.stringify(description) : (description ?? type);
}

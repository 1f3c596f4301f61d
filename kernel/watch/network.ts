/** Addresses that are asked over the network: `fetch`, `node:http`, `node:https`, `node:http2`, `node:net`, `node:tls`, `node:dns`. */
import { isCredentialName } from "../../core/credentials.ts";
import { intercept, type Look } from "./intercept.ts";
import type { Note, ReadNotes } from "./notes.ts";

const HIDDEN = "…";

export class NetworkWatch {
  readonly #notes: ReadNotes;
  readonly #known = new Map<string, Note>();

  constructor(notes: ReadNotes) {
    this.#notes = notes;
  }

  installFetch(): void {
    intercept(globalThis, "fetch", ([request, options]) =>
      this.#asks(addressOfFetch(request), methodOf(request, options)),
    );
  }

  /** The module has just been loaded by somebody: none is loaded to be watched. */
  installModule(name: string): void {
    const module: Record<string, unknown> | undefined = process.getBuiltinModule(name) as never; // its exports, of whatever type
    const looks = this.#looks(name);
    if (module === undefined) return;
    for (const [member, look] of Object.entries(looks)) intercept(module, member, look);
    const { promises, Socket } = module as { promises?: object; Socket?: { prototype: object } };
    if (name === "node:dns" && promises !== undefined)
      for (const [member, look] of Object.entries(looks)) intercept(promises, member, look);
    if (name === "node:net" && Socket !== undefined)
      intercept(Socket.prototype, "connect", looks["connect"] ?? (() => undefined));
  }

  #looks(name: string): Record<string, Look> {
    switch (name) {
      case "node:http":
      case "node:https": {
        const look: Look = (args) =>
          this.#asks(addressOfRequest(`${name.slice(5)}:`, args), methodOf(args[0], args[1]));
        return { request: look, get: look };
      }
      case "node:http2":
        return { connect: ([address]) => this.#asks(addressOfFetch(address), "GET") };
      case "node:net":
      case "node:tls": {
        const look: Look = (args) => this.#asks(addressOfSocket(args), "GET");
        return { connect: look, createConnection: look };
      }
      case "node:dns": {
        const look: Look = ([host]) =>
          this.#asks(typeof host === "string" ? `dns:${host}` : null, "GET");
        const kinds = [
          "",
          "4",
          "6",
          "Any",
          "Cname",
          "Mx",
          "Naptr",
          "Ns",
          "Ptr",
          "Soa",
          "Srv",
          "Txt",
        ];
        return Object.fromEntries([
          ...kinds.map((kind) => [`resolve${kind}`, look]),
          ["lookup", look],
          ["reverse", look],
        ]) as Record<string, Look>; // as written above
      }
      default:
        return {};
    }
  }

  #asks(address: string | null, method: string): void {
    if (address === null) return;
    const name = method === "GET" ? address : `${method} ${address}`;
    const known = this.#known.get(name);
    if (known !== undefined) return this.#notes.again(known, "read");
    const note = this.#notes.make({ kind: "address", name, how: "read" });
    if (note !== null) this.#known.set(name, note);
  }
}

/** The modules that are watched once they are loaded. */
export const NETWORK_MODULES: ReadonlySet<string> = new Set(
  ["http", "https", "http2", "net", "tls", "dns"].map((name) => `node:${name}`),
);

function addressOfFetch(request: unknown): string | null {
  if (typeof request === "string" || request instanceof URL) return shown(String(request));
  return request instanceof Request ? shown(request.url) : null;
}

function methodOf(...given: unknown[]): string {
  for (const options of given.toReversed()) {
    const method: unknown =
      typeof options === "object" && options !== null && "method" in options
        ? options.method
        : null;
    if (typeof method === "string") return method.toUpperCase();
  }
  return "GET";
}

/** `request(url, options)` or `request(options)`, whose members are those of the documentation of `http.request`. */
function addressOfRequest(protocol: string, [first, second]: readonly unknown[]): string | null {
  if (typeof first === "string" || first instanceof URL) return shown(String(first));
  const options = { ...membersOf(first), ...membersOf(second) };
  const host = options["hostname"] ?? options["host"] ?? "localhost";
  const port = options["port"] === undefined ? "" : `:${options["port"]}`;
  return shown(`${options["protocol"] ?? protocol}//${host}${port}${options["path"] ?? "/"}`);
}

/** `connect(options)`, `connect(port, host)`; a socket in the file system is a way into this machine, not an address. */
function addressOfSocket([first, second]: readonly unknown[]): string | null {
  const options = membersOf(Array.isArray(first) ? first[0] : first); // net hands itself a list
  const port = typeof first === "number" || typeof first === "string" ? first : options["port"];
  if (port === undefined || Number.isNaN(Number(port))) return null;
  const host = typeof second === "string" ? second : (options["host"] ?? "localhost");
  return `tcp://${host}:${port}`;
}

/** Texts and numbers among an argument's members. */
function membersOf(value: unknown): Record<string, string | number> {
  if (typeof value !== "object" || value === null) return {};
  const members = Object.entries(value).filter(
    ([, member]) => typeof member === "string" || typeof member === "number",
  );
  return Object.fromEntries(members) as Record<string, string | number>; // as filtered
}

/** Null for what is no address over the network (`data:`, `blob:`, nonsense of which the function will complain). */
function shown(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (!["http:", "https:"].includes(url.protocol)) return null;
  url.username = url.password = url.hash = "";
  const hidden = [...url.searchParams.keys()].filter(isCredentialName);
  for (const name of hidden) url.searchParams.set(name, HIDDEN);
  return hidden.length === 0 ? url.href : url.href.replaceAll(encodeURIComponent(HIDDEN), HIDDEN);
}

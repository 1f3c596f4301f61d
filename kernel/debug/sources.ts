/**
 * What the front end calls a source and what V8 calls a script. A cell's path is made of its code's hash, as the front end makes
 * it (JEP 47; jupyter_client's messaging, "Debug request"); V8 has a script for each time that the code ran.
 */
import { existsSync, readFileSync } from "node:fs";
import type { Debugger as Cdp } from "node:inspector";
import { fileURLToPath, pathToFileURL } from "node:url";
import { OWN_ROOMS, withoutEpoch } from "../evaluate/modules.ts";
import { SCRIPT_PATTERN, scriptName } from "../evaluate/sources.ts";
import { murmur2 } from "./murmur2.ts";
import { Places } from "./places.ts";

/** For `debugInfo`: with these, the front end makes a cell's path of its code. */
export const CELL_PATHS = {
  hashMethod: "Murmur2",
  hashSeed: 0xc70f6907,
  tmpFilePrefix: "steplab-cell/",
  tmpFileSuffix: ".ts",
} as const;

/** Code that is stepped over: the kernel's, steplab's and Node's own. */
export const BLACK_BOXES = ["^node:", ...OWN_ROOMS.map((room) => `^${escaped(room)}`)];

/** Where V8 may find a source: by a script's name, or by a pattern for a module that is loaded or will be. */
export type ScriptAddress = { url: string } | { urlRegex: string };

export interface SourcePlace {
  path: string;
  /** From 1, as the front end counts. */
  line: number;
  column: number;
}

export class DebugSources {
  readonly #codeOf: (cell: number) => string | undefined;
  /** By path: the code of a cell that the front end has shown. */
  readonly #dumped = new Map<string, string>();
  /** By path: the numbers of the cells that ran that code. */
  readonly #ran = new Map<string, number[]>();
  readonly #places = new Map<string, Places | null>();
  /** Addresses of scripts by V8's own ids: its frames name them by these alone. */
  readonly #urls = new Map<string, string>();

  /** @param codeOf the code of a cell by its number in this kernel */
  constructor(codeOf: (cell: number) => string | undefined) {
    this.#codeOf = codeOf;
  }

  /** The front end tells a cell; its path. */
  dump(code: string): string {
    const path = pathOf(code);
    this.#dumped.set(path, code);
    return path;
  }

  /** A cell runs this code; its path. */
  run(cell: number, code: string): string {
    const path = this.dump(code);
    const known = this.#ran.get(path) ?? [];
    if (!known.includes(cell)) this.#ran.set(path, [...known, cell]);
    return path;
  }

  /** V8 tells a script: also those of cells of before the debugger was started. */
  add({ scriptId, url }: Cdp.ScriptParsedEventDataType): void {
    this.#urls.set(scriptId, url);
    const cell = cellOf(url);
    const code = cell === null ? undefined : this.#codeOf(cell);
    if (cell !== null && code !== undefined) this.run(cell, code);
  }

  /** Every script that this source is run as. */
  addressesOf(path: string): ScriptAddress[] {
    if (isCell(path)) return (this.#ran.get(path) ?? []).map(addressOfCell);
    return [{ urlRegex: `^${escaped(pathToFileURL(path).href)}(\\?steplab=\\d+)?$` }];
  }

  /** Null for what runs as it stands: packages. */
  placesOf(path: string): Places | null {
    const known = this.#places.get(path);
    if (known !== undefined) return known;
    const source = this.textOf(path);
    let places: Places | null = null;
    try {
      if (source !== null && isCell(path)) places = Places.ofCell(source);
      else if (source !== null && /\.m?ts$/.test(path)) places = Places.ofModule(path, source);
    } catch {
      // It does not parse: no line of it can run.
    }
    // A module may be edited while the kernel runs, and a cell may be told later.
    if (isCell(path) && source !== null) this.#places.set(path, places);
    return places;
  }

  placeOf({ location }: Cdp.CallFrame): SourcePlace {
    const { scriptId, lineNumber, columnNumber = 0 } = location;
    const at = { line: lineNumber + 1, column: columnNumber + 1 };
    const path = this.#pathOf(this.#urls.get(scriptId) ?? "");
    return { path, ...(this.placesOf(path)?.toSource(at) ?? at) };
  }

  /** Of the person's own making, or of a package: everything that is neither the kernel's nor Node's. */
  isTheirs({ location }: Cdp.CallFrame): boolean {
    return isTheirs(this.#urls.get(location.scriptId) ?? "");
  }

  /** The project's own that are loaded, once each. */
  modules(): string[] {
    const urls = [...this.#urls.values()].filter(
      (url) => isTheirs(url) && url.startsWith("file:") && !url.includes("/node_modules/"),
    );
    return [...new Set(urls.map((url) => fileURLToPath(withoutEpoch(url))))];
  }

  textOf(path: string): string | null {
    if (isCell(path)) return this.#dumped.get(path) ?? null;
    return existsSync(path) ? readFileSync(path, "utf8") : null;
  }

  #pathOf(url: string): string {
    const cell = cellOf(url);
    if (cell !== null) return pathOf(this.#codeOf(cell) ?? "");
    return url.startsWith("file:") ? fileURLToPath(withoutEpoch(url)) : url;
  }
}

export function addressOfCell(cell: number): ScriptAddress {
  return { url: scriptName(cell) };
}

export function isCell(path: string): boolean {
  return path.startsWith(CELL_PATHS.tmpFilePrefix);
}

function pathOf(code: string): string {
  const { hashSeed, tmpFilePrefix, tmpFileSuffix } = CELL_PATHS;
  return `${tmpFilePrefix}${murmur2(code, hashSeed)}${tmpFileSuffix}`;
}

/** The number of the cell whose script this is. */
function cellOf(url: string): number | null {
  const found = SCRIPT_PATTERN.exec(`${url}:0:0`)?.[1];
  return found === undefined ? null : Number(found);
}

function isTheirs(url: string): boolean {
  if (url === "" || url.startsWith("node:")) return false;
  return url.startsWith("steplab-cell-") || !OWN_ROOMS.some((room) => url.startsWith(room));
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

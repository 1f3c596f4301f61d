/** YAML inside markdown: parsed with `yaml`, every node's place counted in the document it stands in. */
import {
  isMap,
  isScalar,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";
import type { Code } from "../../core/codes.ts";
import type { Diagnostic, Place, Severity } from "../../core/diagnostic.ts";
import { didYouMean } from "../../core/did-you-mean.ts";
import type { Json } from "../../core/json.ts";
import { TextPositions } from "../../core/text-position.ts";
import type { Piece } from "./markdown.ts";

const CONFLICT_MARKER = /^(<{7}|={7}|>{7})/m;

/** Collects diagnostics of one document and knows where its offsets lie. */
export class DocumentReport {
  readonly diagnostics: Diagnostic[] = [];
  readonly #file: string;
  readonly #positions: TextPositions;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#positions = new TextPositions(text);
  }

  /** A range of the document; cut to its first line, because a squiggle is one line. */
  place(from: number, to: number = from): Place {
    const start = this.#positions.at(from);
    const lineEnd =
      this.#positions.startOf(start.line) + this.#positions.lineText(start.line).length;
    const end = this.#positions.at(Math.max(from, Math.min(to, lineEnd)));
    return {
      file: this.#file,
      line: start.line,
      column: start.column,
      endLine: end.line,
      endColumn: end.column,
    };
  }

  error(code: Code, at: Place, message: string, hint?: string): void {
    this.report("error", code, at, message, hint);
  }

  report(severity: Severity, code: Code, at: Place, message: string, hint?: string): void {
    const source = at.line === undefined ? undefined : this.#positions.lineText(at.line);
    this.diagnostics.push({
      code,
      severity,
      message,
      ...(hint !== undefined && { hint }),
      at,
      ...(source !== undefined && { source }),
    });
  }
}

/** One YAML map with known keys. Every look-up that finds something wrong reports it and gives undefined. */
export class YamlFields {
  readonly #report: DocumentReport;
  readonly #document: Document.Parsed;
  readonly #map: YAMLMap;
  readonly #offset: number;
  /** "name", "resources.cpus": how messages call the keys of this map. */
  readonly #prefix: string;

  private constructor(
    report: DocumentReport,
    document: Document.Parsed,
    map: YAMLMap,
    offset: number,
    prefix: string,
  ) {
    this.#report = report;
    this.#document = document;
    this.#map = map;
    this.#offset = offset;
    this.#prefix = prefix;
  }

  /** Undefined when the text is no YAML map; that is reported. */
  static parse(report: DocumentReport, piece: Piece, what: string): YamlFields | undefined {
    const document = parseDocument(piece.text, { prettyErrors: false, version: "1.2" });
    for (const error of document.errors) {
      const [from, to] = error.pos;
      const hint = CONFLICT_MARKER.test(piece.text)
        ? "git left conflict markers in it: choose one side, and delete the lines with the markers."
        : undefined;
      report.error(
        "document/invalid-yaml",
        report.place(piece.from + Math.min(from, piece.text.length), piece.from + to),
        `${what} is not valid YAML: ${sentence(error.message)}`,
        hint,
      );
    }
    if (document.errors.length > 0) return undefined;
    if (!isMap(document.contents)) {
      report.error(
        "document/invalid-value",
        report.place(piece.from),
        `${what} must hold keys and values, like \`name: process\`.`,
      );
      return undefined;
    }
    return new YamlFields(report, document, document.contents, piece.from, "");
  }

  get keys(): string[] {
    return this.#map.items.map((pair) => keyOf(pair));
  }

  /** Reports keys that nobody asks for. */
  onlyKnown(known: readonly string[]): void {
    for (const pair of this.#map.items) {
      const key = keyOf(pair);
      if (known.includes(key)) continue;
      this.#report.error(
        "document/unknown-key",
        this.#placeOf(pair),
        `There is no key "${this.#prefix}${key}" here.`,
        didYouMean(key, known),
      );
    }
  }

  has(key: string): boolean {
    return this.#pair(key) !== undefined;
  }

  /** Where a key and its value stand; the start of the map when it is not there. */
  place(key?: string): Place {
    const pair = key === undefined ? undefined : this.#pair(key);
    return pair
      ? this.#placeOf(pair)
      : this.#report.place(this.#offset + (this.#map.range?.[0] ?? 0));
  }

  /** A value as JSON; undefined for a key that is missing or whose value JSON cannot hold. */
  json(key: string): Json | undefined {
    const pair = this.#pair(key);
    if (!pair) return undefined;
    return this.#toJson(pair, this.place(key));
  }

  string(key: string, example: string): string | undefined {
    const value = this.json(key);
    if (value === undefined) return undefined;
    if (typeof value === "string" && value !== "") return value;
    return this.wrong(key, `must be text, like ${example}`);
  }

  wholeNumber(key: string, least: number): number | undefined {
    const value = this.json(key);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
    return this.wrong(key, `must be a whole number from ${least}`);
  }

  boolean(key: string): boolean | undefined {
    const value = this.json(key);
    if (value === undefined || typeof value === "boolean") return value;
    return this.wrong(key, "must be true or false");
  }

  strings(key: string, example: string): string[] | undefined {
    const value = this.json(key);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
    return this.wrong(key, `must be a list of names, like ${example}`);
  }

  /** A nested map; `{}` and a key without a value are empty ones. */
  fields(key: string, example: string): YamlFields | undefined {
    const pair = this.#pair(key);
    if (!pair) return undefined;
    if (isMap(pair.value))
      return new YamlFields(
        this.#report,
        this.#document,
        pair.value,
        this.#offset,
        `${this.#prefix}${key}.`,
      );
    if (pair.value === null || (isScalar(pair.value) && pair.value.value === null))
      return undefined;
    return this.wrong(key, `must be a map, like ${example}`);
  }

  /** Reports a value: "must be …", what it is, and gives undefined. */
  wrong(key: string, must: string): undefined {
    const value = this.json(key);
    const shown = value === undefined ? "" : `, not ${JSON.stringify(value)}`;
    this.#report.error(
      "document/invalid-value",
      this.place(key),
      `"${this.#prefix}${key}" ${must}${shown}.`,
    );
    return undefined;
  }

  #pair(key: string): Pair | undefined {
    return this.#map.items.find((pair) => keyOf(pair) === key);
  }

  #placeOf(pair: Pair): Place {
    const key = pair.key as Node | null; // the parser makes nodes, not plain values
    const value = pair.value as Node | null;
    const from = key?.range?.[0] ?? this.#map.range?.[0] ?? 0;
    const to = value?.range?.[1] ?? key?.range?.[1] ?? from;
    return this.#report.place(this.#offset + from, this.#offset + to);
  }

  #toJson(pair: Pair, at: Place): Json | undefined {
    const node = pair.value as Node | null; // the parser makes nodes, not plain values
    let value: unknown = null;
    let bad: string | undefined;
    try {
      if (node !== null) value = node.toJS(this.#document, { maxAliasCount: MOST_ALIASES });
      bad = findNonJson(value);
    } catch {
      bad = "aliases that stand for too much"; // a few hundred bytes of YAML can stand for gigabytes
    }
    if (bad === undefined) return value as Json; // just checked
    this.#report.error(
      "document/invalid-value",
      at,
      `"${this.#prefix}${keyOf(pair)}" holds ${bad}, which has no JSON form.`,
    );
    return undefined;
  }
}

/** How often the anchors of one value may be used; `yaml` counts what they stand for, too. */
const MOST_ALIASES = 100;

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

/** What YAML can say and JSON cannot: infinities, NaN, binary, sets. */
function findNonJson(value: unknown): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : String(value);
  if (Array.isArray(value)) return value.map(findNonJson).find((bad) => bad !== undefined);
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype)
    return findNonJson(Object.values(value));
  return `a ${typeof value}`;
}

function sentence(message: string): string {
  const text = message.trim();
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

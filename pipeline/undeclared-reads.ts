/**
 * What a stage read past its inputs, in words: said at the end of a run, by `show` and by `lint`, from the record alone.
 */
import type { Diagnostic, Place } from "../core/diagnostic.ts";
import type { StageRecord, UndeclaredRead } from "../lineage/record.ts";
import { parseWire } from "./document/wire.ts";
import { camelCase, fileKind, nameOfFile } from "./input-name.ts";

/** How something that is read would be an input. */
export interface Declaration {
  /** The input's name. */
  name: string;
  /** Its kind, as the inputs cell says it. */
  kind: string;
  /** What PIPELINE.md wires it to. */
  wire: string;
}

/** What a record of a stage says of its reads and inputs. */
export type StageReads = Pick<StageRecord, "undeclaredReads" | "inputs">;

/** One diagnostic a read; `elsewhere` is its place where no stack told one. */
export function readDiagnostics(stage: string, reads: StageReads, elsewhere: Place): Diagnostic[] {
  const inputs = Object.keys(reads.inputs);
  return (reads.undeclaredReads ?? []).map((read) => {
    const [first, ...others] = read.places;
    const input = inputHolding(read, reads.inputs);
    return {
      code: "key/undeclared-read",
      severity: "warning",
      message: messageOf(stage, read, input),
      hint: hintOf(stage, read, input, inputs),
      at: first?.at ?? elsewhere,
      ...(first?.source !== undefined && { source: first.source }),
      ...(others.length > 0 && {
        related: others.map((place) => ({ ...place, message: "and here" })),
      }),
    };
  });
}

/** Null for what no input can be: its path or address is not known whole, it is no file, or it is written, not read. */
export function declarationOf(
  read: Pick<UndeclaredRead, "kind" | "name" | "outside">,
  taken: readonly string[],
): Declaration | null {
  switch (read.kind) {
    case "environment":
      return null;
    case "address": {
      if (!/^https?:/.test(read.name) || read.name.includes("…")) return null;
      const { pathname, hostname } = new URL(read.name);
      const file = pathname.split("/").findLast((part) => part !== "") ?? hostname;
      return { name: inputName(file, taken), kind: fileKind(file), wire: read.name };
    }
    case "file":
    case "folder": {
      if (read.outside === true || read.name === ".") return null;
      // `zones.csv` would be the output "csv" of a stage "zones".
      const wire = parseWire(read.name)?.kind === "path" ? read.name : `./${read.name}`;
      if (parseWire(wire)?.kind !== "path") return null; // a name that reads as a pattern
      const file = read.name.split("/").at(-1) ?? "";
      const kind = read.kind === "folder" ? "a.folder()" : fileKind(file);
      return { name: inputName(file, taken), kind, wire };
    }
  }
}

/** The input that is bound to what was read, if one is. */
export function inputHolding(
  { kind, name }: Pick<UndeclaredRead, "kind" | "name">,
  inputs: StageRecord["inputs"],
): string | null {
  const isIt = ({ source }: StageRecord["inputs"][string]): boolean =>
    ("path" in source && kind !== "address" && source.path.replace(/^\.\//, "") === name) ||
    ("url" in source && kind === "address" && source.url === name);
  return Object.entries(inputs).find(([, input]) => isIt(input))?.[0] ?? null;
}

function messageOf(stage: string, read: UndeclaredRead, input: string | null): string {
  const by = read.package === undefined ? "" : ` through the package "${read.package}"`;
  const what = `Stage "${stage}" ${verbOf(read)} ${nameOf(read)}${by}`;
  return input === null
    ? `${what}, which it does not declare: when that changes, its key does not, and a cached result is taken for current.`
    : `${what} by itself, although that is its input "${input}": what was bound may be another version.`;
}

function verbOf({ kind, how }: UndeclaredRead): string {
  if (kind === "address") return "asks";
  return how === "read" ? "reads" : "looks for";
}

function nameOf({ kind, name, outside }: UndeclaredRead): string {
  switch (kind) {
    case "address":
      return name;
    case "environment":
      return `the environment variable ${name}`;
    case "file":
      return outside === true ? `${name} (outside the project)` : name;
    case "folder":
      return `files of the folder ${name}${outside === true ? " (outside the project)" : ""}`;
  }
}

function hintOf(
  stage: string,
  read: UndeclaredRead,
  input: string | null,
  taken: readonly string[],
): string {
  if (input !== null) return `${readThrough(read, input)} instead.`;
  if (read.kind === "environment") return variableHint(stage, read.name);
  const declared = declarationOf(read, taken);
  if (declared !== null) {
    const { name, kind, wire } = declared;
    const byFix = read.how === "read" ? " (`npx steplab lint --fix` does)" : "";
    return `declare it${byFix}: \`${name}: ${kind}\` in the inputs cell, \`${name}: ${wire}\` under \`inputs\` of stage "${stage}"; then ${readThrough(read, name)} here.`;
  }
  if (read.kind === "address")
    return read.name.includes("…") || /^https?:/.test(read.name)
      ? `declare it: an \`a.file()\` in the inputs cell, wired to the whole address in PIPELINE.md, and read that. A key that must not be shown keeps it from being an input: then let a stage with \`cache: false\` fetch it and write an output.`
      : `only what is fetched with GET can be an input: let a stage with \`cache: false\` ask, and write what it is told to an output that others read.`;
  if (read.name === ".")
    return "declare the files or folders of the project that are meant as inputs.";
  const kind = read.kind === "folder" ? "a.folder()" : fileKind(read.name);
  const name = inputName(read.name, taken);
  return `declare it: \`${name}: ${kind}\` in the inputs cell, \`${name}: <path of ${read.name}>\` under \`inputs\` of stage "${stage}"; then ${readThrough(read, name)} here.`;
}

function readThrough({ kind }: UndeclaredRead, input: string): string {
  return kind === "folder"
    ? `read below \`await input.${input}.path()\``
    : `read \`await input.${input}.text()\` (or \`.bytes()\`, \`.path()\`, \`.csv(schema)\`)`;
}

const SECRET = /key|token|secret|pass|pwd|credential|auth|dsn/i;

/** A value that decides a result is a parameter; what must not be seen is a secret, and decides nothing but who may. */
function variableHint(stage: string, name: string): string {
  const parameter = camelCase(name.toLowerCase());
  return SECRET.test(name)
    ? `read it with \`secret("${name}")\` from "steplab": its value is then kept out of keys and archives.`
    : `make it a parameter: \`${parameter}: z.string()\` in the parameters cell, its value under \`params\` of stage "${stage}" in PIPELINE.md (or per run: \`npx steplab run -p ${stage}.${parameter}="$${name}"\`). If its value must not be shown: \`secret("${name}")\`.`;
}

/** A number keeps it apart from the inputs there are. */
function inputName(file: string, taken: readonly string[]): string {
  const name = nameOfFile(file);
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? name : `${name}${n}`;
    if (!taken.includes(candidate)) return candidate;
  }
}

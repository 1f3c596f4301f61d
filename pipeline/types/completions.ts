/** What can be written at a place in a virtual file: members, strings, modules, and the names in scope. */
import {
  CompletionItemKind,
  findPrecedingToken,
  SyntaxKind,
  type Compiler,
  type Node,
} from "./adapter.ts";
import { isTypePlace, namesInScope } from "./scope.ts";

export interface Completion {
  name: string;
  /** In the words of editors: "property", "method", "constant", "folder". */
  kind: string;
}

export interface Completions {
  /** What was typed of the name, by offsets in UTF-16 units; ends at the place asked about. */
  from: number;
  to: number;
  /** Best first; those that what was typed cannot become are left out. */
  entries: Completion[];
  /** What is completed: a member of something, a name in scope, or what a string, an import or braces ask for. */
  place: "member" | "name" | "other";
}

/** A file of ours with one expression, at whose end `globalNames` asks. */
export const GLOBALS_SOURCE = "export {};\nglobalThis.";

/** The names that every module sees. The same for the life of a project: ask once. */
export function globalNames(compiler: Compiler, file: string): Completion[] {
  return (compiler.completions(file, GLOBALS_SOURCE.length) ?? []).flatMap(toCompletion);
}

/**
 * @param file a virtual file of the compiler's last update
 * @param globals what `globalNames` gave
 */
export function completionsAt(
  compiler: Compiler,
  file: string,
  offset: number,
  globals: readonly Completion[],
): Completions {
  const found = compiler.completions(file, offset);
  const text = compiler.textOf(file);
  const from = offset - (NAME_BEFORE.exec(text.slice(0, offset))?.[0].length ?? 0);
  const isMember =
    text[from - 1] === "." && !found?.some(({ kind }) => kind && IN_STRINGS.has(kind));
  // Without the tree, which costs as much as the rest of the way: nearly all that people ask.
  if (found && isMember && found.length > 0)
    return { ...narrow(sorted(found), text, from, offset), place: "member" };
  return compiler.ask(({ program }) => {
    const source = program.getSourceFile(file);
    const token = source && findPrecedingToken(source, offset);
    if (!source) return { from: offset, to: offset, entries: [], place: "other" };
    if (found === null) {
      const isType = isTypePlace(token, offset);
      const names = namesInScope(source, offset, isType);
      const words = isType ? TYPE_WORDS : [...globals, ...KEYWORDS];
      return { ...narrow([...names, ...words], text, from, offset), place: "name" };
    }
    const entries = sorted(found);
    const quoted = token && startOfString(text, token, offset);
    const start = quoted === undefined ? from : startOfPath(entries, text, quoted, offset);
    // Of a value without a type there is nothing to list; its members are known at run time.
    const isUntyped = isMember && quoted === undefined && !isInComment(text, token, offset);
    return { ...narrow(entries, text, start, offset), place: isUntyped ? "member" : "other" };
  });
}

/** Kinds of what strings hold: values of unions, files, folders. */
const IN_STRINGS = new Set([
  CompletionItemKind.Constant,
  CompletionItemKind.File,
  CompletionItemKind.Folder,
]);

type Found = NonNullable<ReturnType<Compiler["completions"]>>;

function sorted(found: Found): Completion[] {
  return found
    .toSorted((a, b) => compare(a.sortText ?? "", b.sortText ?? ""))
    .flatMap((entry) => toCompletion(entry));
}

const NAME_BEFORE = /[\p{ID_Continue}$#]*$/u;

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function toCompletion(entry: {
  name: string;
  kind?: CompletionItemKind | undefined;
  insertText?: string | undefined;
}): Completion[] {
  // `["a name"]` in place of `.a name`: replaces the dot too, which a list with one range cannot say.
  if (entry.insertText?.startsWith("[") === true) return [];
  return [{ name: entry.name, kind: (entry.kind && KINDS[entry.kind]) ?? "text" }];
}

function narrow(
  all: readonly Completion[],
  text: string,
  from: number,
  to: number,
): Omit<Completions, "place"> {
  const typed = text.slice(from, to);
  const lower = typed.toLowerCase();
  const seen = new Set<string>();
  const entries = all.filter(({ name }) => {
    if (!name.toLowerCase().startsWith(lower) || seen.has(name)) return false;
    seen.add(name);
    return true;
  });
  // As typed before in other letters; the order within is the compiler's.
  const exact = entries.filter(({ name }) => name.startsWith(typed));
  return {
    from,
    to,
    entries: [...exact, ...entries.filter(({ name }) => !name.startsWith(typed))],
  };
}

function isInComment(text: string, token: Node | undefined, offset: number): boolean {
  return /\/[/*]/.test(text.slice(token?.end ?? 0, offset));
}

/** After the quote of the string that the offset is in; undefined outside of strings. */
function startOfString(text: string, token: Node, offset: number): number | undefined {
  const { kind, end } = token;
  if (kind !== SyntaxKind.StringLiteral && kind !== SyntaxKind.NoSubstitutionTemplateLiteral)
    return undefined;
  const start = token.getStart();
  const isClosed = end - start > 1 && text[end - 1] === text[start];
  return start < offset && (offset < end || !isClosed) ? start + 1 : undefined;
}

/** Paths are completed folder by folder; packages, columns and other strings as a whole. */
function startOfPath(
  entries: readonly Completion[],
  text: string,
  from: number,
  to: number,
): number {
  const typed = text.slice(from, to);
  const isWhole = !typed.startsWith(".") && entries.some(({ name }) => name.startsWith(typed));
  return isWhole ? from : from + typed.lastIndexOf("/") + 1;
}

const KINDS: Partial<Record<CompletionItemKind, string>> = {
  [CompletionItemKind.Method]: "method",
  [CompletionItemKind.Function]: "function",
  [CompletionItemKind.Constructor]: "class",
  [CompletionItemKind.Field]: "property",
  [CompletionItemKind.Variable]: "variable",
  [CompletionItemKind.Class]: "class",
  [CompletionItemKind.Interface]: "interface",
  [CompletionItemKind.Module]: "module",
  [CompletionItemKind.Property]: "property",
  [CompletionItemKind.Enum]: "enum",
  [CompletionItemKind.Keyword]: "keyword",
  [CompletionItemKind.File]: "file",
  [CompletionItemKind.Folder]: "folder",
  [CompletionItemKind.EnumMember]: "enum",
  [CompletionItemKind.TypeParameter]: "type",
};

const keywords = (words: string): Completion[] =>
  words.split(" ").map((name) => ({ name, kind: "keyword" }));

const KEYWORDS = keywords(
  "async await break case catch class const continue default delete do else enum export extends false finally for function if import in instanceof interface let new null of return satisfies static super switch this throw true try type typeof undefined using var void while yield",
);

/** Types that the language has without importing them, the ones people write. */
const TYPE_WORDS: Completion[] = [
  ...keywords(
    "any bigint boolean false keyof never null number object readonly string symbol true typeof undefined unknown void",
  ),
  ..."Array ArrayBuffer AsyncIterable Awaited Date Error Exclude Extract Float32Array Float64Array Int32Array Iterable Map NonNullable Omit Parameters Partial Pick Promise Readonly ReadonlyArray ReadonlyMap ReadonlySet Record RegExp Required ReturnType Set Uint8Array"
    .split(" ")
    .map((name) => ({ name, kind: "type" })),
];

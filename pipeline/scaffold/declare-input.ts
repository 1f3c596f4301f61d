/** Writes an input where it belongs: into a notebook's inputs cell and into a stage's block of PIPELINE.md, touching nothing else. */
import { isMap, parseDocument, type Pair, type YAMLMap } from "yaml";
import { parseModule } from "../../core/module-facts.ts";
import { splitMarkdown, type Fence } from "../document/markdown.ts";

/** `inputs({ … })` with one member more; null where the text holds no such call. */
export function withInput(source: string, name: string, kind: string): string | null {
  const call = /\binputs\s*\(/.exec(source);
  const [statement] = parseModule("cell.ts", source).program.body;
  if (call === null || statement?.type !== "VariableDeclaration") return null;
  const init = statement.declarations[0]?.init;
  const [argument] = init?.type === "CallExpression" ? init.arguments : [];
  if (argument?.type !== "ObjectExpression") return null;
  const member = `${name}: ${kind}`;
  const last = argument.properties.at(-1);
  if (last === undefined)
    return `${source.slice(0, argument.start)}{ ${member} }${source.slice(argument.end)}`;
  const brace = argument.end - 1;
  const isList = source.slice(argument.start, last.start).includes("\n");
  if (!isList) return insert(source, last.end, `, ${member}`);
  const indent = /[ \t]*$/.exec(source.slice(0, last.start))?.[0] ?? "  ";
  // What stands behind the last member on its line (a comma, a comment) stays with it.
  const rest = source.slice(last.end, brace);
  const lineEnd = last.end + (rest.indexOf("\n") < 0 ? rest.length : rest.indexOf("\n"));
  const hasComma = /^\s*,/.test(rest);
  const added = insert(source, lineEnd, `\n${indent}${member},`);
  return hasComma ? added : insert(added, last.end, ",");
}

/** The document with `name: wire` under the `inputs` of a stage; null where its block cannot be read. */
export function withWire(
  document: string,
  stage: string,
  name: string,
  wire: string,
): string | null {
  const fences = splitMarkdown(document).sections.flatMap((section) => section.fences);
  for (const fence of fences) {
    if (fence.info !== "yaml stage") continue;
    const block = parseDocument(fence.content.text);
    if (isMap(block.contents) && String(block.contents.get("name")) === stage)
      return inBlock(document, fence, block.contents, `${name}: ${scalar(wire)}`);
  }
  return null;
}

function inBlock(document: string, fence: Fence, block: YAMLMap, line: string): string | null {
  const { from, text } = fence.content;
  const at = (offset: number, added: string): string => insert(document, from + offset, added);
  const found: Pair | undefined = block.items.find((pair) => keyOf(pair) === "inputs");
  if (found === undefined) {
    const before = block.items.find((pair) => keyOf(pair) === "notebook") ?? block.items.at(-1);
    const end = before === undefined ? 0 : endOfLine(text, endOf(before));
    return at(end, `\ninputs: { ${line} }`);
  }
  const inputs = found.value;
  if (!isMap(inputs)) {
    const key = found.key as { range?: [number, number, number] }; // a scalar of the parser's
    const isEmpty = inputs === null || (inputs as { value?: unknown }).value === null;
    return isEmpty && key.range !== undefined ? at(key.range[1] + 1, ` { ${line} }`) : null;
  }
  const last = inputs.items.at(-1);
  if (inputs.flow === true) {
    if (last === undefined) return at((inputs.range?.[1] ?? 1) - 1, ` ${line} `);
    return at(endOf(last), `, ${line}`);
  }
  if (last === undefined) return null;
  const start = (last.key as { range?: [number, number, number] }).range?.[0] ?? 0; // as above
  const indent = " ".repeat(start - (text.lastIndexOf("\n", start - 1) + 1));
  return at(endOfLine(text, endOf(last)), `\n${indent}${line}`);
}

function keyOf(pair: Pair): unknown {
  return (pair.key as { value?: unknown } | null)?.value; // a scalar of the parser's
}

/** Where the value's own text ends. */
function endOf(pair: Pair): number {
  const value = pair.value as { range?: [number, number, number] } | null; // as above
  const key = pair.key as { range?: [number, number, number] };
  return value?.range?.[1] ?? key.range?.[1] ?? 0;
}

/** A comment behind a value stays on its line. */
function endOfLine(text: string, offset: number): number {
  const end = text.indexOf("\n", text[offset - 1] === "\n" ? offset - 1 : offset);
  return end < 0 ? text.length : end;
}

/** Plain where YAML reads it as the same text, also within braces. */
function scalar(text: string): string {
  return /^[A-Za-z./][\w./:~%=&?+-]*$/.test(text) && !text.endsWith(":")
    ? text
    : JSON.stringify(text);
}

function insert(text: string, at: number, added: string): string {
  return text.slice(0, at) + added + text.slice(at);
}

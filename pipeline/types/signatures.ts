/** Which call a place is in, and what may be given there. */
import {
  findPrecedingToken,
  isCallExpression,
  isNewExpression,
  SignatureKind,
  SymbolFlags,
  SyntaxKind,
  type CallExpression,
  type Compiler,
  type NewExpression,
  type Node,
  type Project,
  type Signature,
} from "./adapter.ts";
import { signatureText } from "./quick-info.ts";

export interface SignatureHelp {
  signatures: CallSignature[];
  /** The one that fits what is written so far. */
  activeSignature: number;
  /** From 0; may be past the last one of a signature. */
  activeParameter: number;
}

export interface CallSignature {
  /** `answer(q: string, ...rest: number[]): number` */
  label: string;
  documentation: string;
  parameters: { label: string; documentation: string }[];
}

/** The innermost call whose parentheses hold the offset; null outside of calls. */
export function signatureHelpAt(
  compiler: Compiler,
  file: string,
  offset: number,
): SignatureHelp | null {
  return compiler.ask((project) => {
    const source = project.program.getSourceFile(file);
    const token = source && findPrecedingToken(source, offset);
    const call = source && token && callAround(source.text, token, offset);
    if (!call) return null;
    const { checker } = project;
    const said = documentationOf(project, file, call.node.expression);
    const type = checker.getTypeAtLocation(call.node.expression);
    const kind = isNewExpression(call.node) ? SignatureKind.Construct : SignatureKind.Call;
    const all = type ? checker.getSignaturesOfType(type, kind) : [];
    if (all.length === 0) return null;
    const resolved = checker.getResolvedSignature(call.node);
    const name = calleeName(call.node.expression.getText());
    const fitting = all.findIndex((each) => each.parameters.length > call.argument);
    const active = all.findIndex(({ declaration }) => isSame(declaration, resolved?.declaration));
    const activeSignature = active >= 0 ? active : Math.max(0, fitting);
    return {
      signatures: all.map((each, index) =>
        describe(project, name, index === activeSignature && resolved ? resolved : each, said),
      ),
      activeSignature,
      activeParameter: call.argument,
    };
  });
}

interface Call {
  node: CallExpression | NewExpression;
  /** From 0: which argument is being written. */
  argument: number;
}

function callAround(text: string, token: Node, offset: number): Call | null {
  for (let node = token; node.kind !== SyntaxKind.SourceFile; node = node.parent) {
    // Within a function's body the call around it is far away.
    if (node.kind === SyntaxKind.Block) return null;
    if (!isCallExpression(node) && !isNewExpression(node)) continue;
    const given = node.arguments;
    if (!given || offset < given.pos) continue;
    if (text[node.end - 1] === ")" && offset >= node.end) continue;
    const before = given.filter((argument) => {
      const comma = argument.end + text.slice(argument.end).search(/\S/);
      return text[comma] === "," && comma < offset;
    });
    return { node, argument: before.length };
  }
  return null;
}

type Declaration = Signature["declaration"];

function isSame(one: Declaration, other: Declaration): boolean {
  return one !== undefined && one.index === other?.index && one.path === other.path;
}

/** `fn` of `fn(…)`, `method` of `(await x).method(…)`. */
function calleeName(text: string): string {
  return /[\p{ID_Continue}$#]+$/u.exec(text)?.[0] ?? "";
}

interface Said {
  documentation: string;
  /** By parameter's name. */
  parameters: Map<string, string>;
}

function documentationOf({ checker }: Project, file: string, callee: Node): Said {
  const found = checker.getSymbolAtPosition(file, callee.end - 1);
  if (!found) return { documentation: "", parameters: new Map() };
  const symbol = (found.flags & SymbolFlags.Alias) === 0 ? found : checker.getAliasedSymbol(found);
  const parameters = new Map<string, string>();
  for (const { name, text } of checker.getJsDocTagsOfSymbol(symbol)) {
    const [, parameter, words] = /^(\S+)\s+(?:- )?([^]*)$/.exec(text ?? "") ?? [];
    if (name === "param" && parameter && words) parameters.set(parameter, words);
  }
  return { documentation: checker.getDocumentationCommentOfSymbol(symbol), parameters };
}

function describe(project: Project, name: string, signature: Signature, said: Said): CallSignature {
  const text = signatureText(project, signature);
  return {
    label: name + text,
    documentation: said.documentation,
    parameters: parametersOf(text).map((label) => ({
      label,
      documentation: said.parameters.get(/[\w$]+/.exec(label)?.[0] ?? "") ?? "",
    })),
  };
}

/** What stands between the parentheses of `<K>(a: A, b?: B): R`, one by one. */
function parametersOf(text: string): string[] {
  const parameters: string[] = [];
  let depth = 0;
  let from = -1;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    const isArrow = character === ">" && text[at - 1] === "=";
    if (from < 0 && depth === 0 && character === "(") from = at + 1;
    if (depth === 1 && from > 0 && (character === "," || character === ")")) {
      const parameter = text.slice(from, at).trim();
      if (parameter !== "") parameters.push(parameter);
      from = at + 1;
    }
    if ("({[<".includes(character)) depth++;
    else if (")}]>".includes(character) && !isArrow) depth--;
    if (from > 0 && depth === 0) break;
  }
  return parameters;
}

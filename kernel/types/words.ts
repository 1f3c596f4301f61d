/** What types say about a name or a call, as people read it. */
import type { DocTag, QuickInfo } from "../../pipeline/types/quick-info.ts";
import type { SignatureHelp } from "../../pipeline/types/signatures.ts";
import type { Inspected } from "./questions.ts";

/** At detail 0 what it is and does, at 1 everything that was written about it. */
export function inspectedName(info: QuickInfo, detail: number): Inspected {
  return {
    code: info.signature,
    documentation: join(info.documentation, tagWords(info.tags, detail)),
    isValue: /^(?:const|let|var|\(parameter\)|\(property\)) /.test(info.signature),
  };
}

/** The signature that fits first; what is to be given next is said. */
export function inspectedCall(help: SignatureHelp): Inspected {
  const { signatures, activeSignature, activeParameter } = help;
  const active = signatures[activeSignature];
  const others = signatures.filter((_, index) => index !== activeSignature);
  const parameters = active?.parameters ?? [];
  const parameter =
    parameters[activeParameter] ?? parameters.findLast(({ label }) => label.startsWith("..."));
  const said = parameter && `\`${parameter.label}\`${dash(parameter.documentation)}`;
  return {
    code: [active, ...others].map((each) => each?.label ?? "").join("\n"),
    documentation: join(said ?? "", active?.documentation ?? ""),
    isValue: false,
  };
}

/** Overloads say the same of their parameters again. */
function tagWords(tags: readonly DocTag[], detail: number): string {
  const lines = tags
    .filter(({ name }) => detail > 0 || SHOWN.has(name))
    .map(({ name, text }) => {
      const [, parameter, words] =
        name === "param" ? (/^(\S+)\s*(?:- )?([^]*)$/.exec(text) ?? []) : [];
      if (parameter !== undefined) return `- \`${parameter}\`${dash(words ?? "")}`;
      return name === "example" ? `Example:\n\n${exampleOf(text)}` : `- *${name}*${dash(text)}`;
    });
  return [...new Set(lines)].join("\n");
}

const SHOWN = new Set(["param", "returns", "return", "throws", "deprecated"]);

function exampleOf(text: string): string {
  return text.includes("```") ? text : `\`\`\`ts\n${text}\n\`\`\``;
}

function dash(text: string): string {
  return text === "" ? "" : `: ${text}`;
}

function join(...parts: string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

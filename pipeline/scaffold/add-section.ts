/** A stage's section put into a document: everything else in it stays as it stands, byte for byte, but for its diagram. */
import { readPipeline } from "../document.ts";
import { mermaidOf } from "../graph.ts";
import { diagramFence } from "../lint/graph.ts";

export interface NewSection {
  /** The stage's name. */
  name: string;
  /** The heading. */
  title: string;
  prose: string;
  /** Relative to the project root. */
  notebook: string;
  /** Input to `stage.output`, a path or an address; null for one that the person still has to wire. */
  inputs: Record<string, string | null>;
}

/** The section's text, with a newline at its end. */
export function sectionText({ name, title, prose, notebook, inputs }: NewSection): string {
  const wires = Object.entries(inputs);
  const open = wires.filter(([, wire]) => wire === null).map(([input]) => input);
  const known = wires.flatMap(([input, wire]) =>
    wire === null ? [] : [`  ${input}: ${scalar(wire)}`],
  );
  return [
    `## ${title}`,
    "",
    ...(prose === "" ? [] : [prose, ""]),
    "```yaml stage",
    `name: ${name}`,
    `notebook: ${scalar(notebook)}`,
    ...(known.length > 0 ? ["inputs:", ...known] : []),
    ...open.map(
      (input) =>
        `# To wire, under inputs: ${input}: <stage.output, a path, a pattern or an address>`,
    ),
    "```",
    "",
  ].join("\n");
}

/**
 * The document with the section at its end, and with its diagram drawn again where the diagram was in step before: one
 * that a person drew is theirs. Null where the section would not be read as a stage there.
 */
export function addSection(text: string, document: string, section: NewSection): string | null {
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const addition = sectionText(section).replaceAll("\n", lineEnd);
  const gap =
    text.endsWith(lineEnd + lineEnd) || text === ""
      ? ""
      : text.endsWith("\n")
        ? lineEnd
        : lineEnd + lineEnd;
  const before = readPipeline(text, document).pipeline;
  const added = text + gap + addition;
  const after = readPipeline(added, document).pipeline;
  if (!after?.stages.some(({ name }) => name === section.name)) return null;
  const fence = diagramFence(added);
  const drawn = fence?.content.text.replaceAll("\r\n", "\n").trim();
  if (!fence || !before || drawn !== mermaidOf(before)) return added;
  const diagram = `${mermaidOf(after)}\n`.replaceAll("\n", lineEnd);
  return added.slice(0, fence.content.from) + diagram + added.slice(fence.content.to);
}

/** Quoted where YAML would read something else in it. */
function scalar(text: string): string {
  return /^[\w./][\w./@-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|[\d.]+)$/i.test(text)
    ? text
    : JSON.stringify(text);
}

/** The markdown of a pipeline's document: front matter, sections, fenced blocks, all with their offsets. */

/** A piece of the document's text; offsets in UTF-16 units from its start. */
export interface Piece {
  from: number;
  to: number;
  text: string;
}

export interface Fence {
  /** What stands after the backticks: "yaml stage", "mermaid". Trimmed, inner spaces made one. */
  info: string;
  /** From the opening backticks to the end of the closing line. */
  whole: Piece;
  content: Piece;
  /** False when the document ends inside. */
  closed: boolean;
}

export interface Section {
  title: string;
  /** The heading's line. */
  heading: Piece;
  fences: Fence[];
  /** Everything after the heading up to the next section. */
  body: Piece;
}

export interface MarkdownDocument {
  frontMatter: Piece | null;
  /** True when the document begins with `---` and no second one follows. */
  frontMatterUnclosed: boolean;
  /** Fences before the first section. */
  preamble: Fence[];
  /** One for every `##` heading. */
  sections: Section[];
}

interface Line extends Piece {
  /** Offset of the next line. */
  next: number;
}

/** Splits a document. Only what CommonMark calls ATX headings and fenced code blocks is looked at. */
export function splitMarkdown(text: string): MarkdownDocument {
  const lines = linesOf(text);
  const { frontMatter, unclosed, first } = takeFrontMatter(text, lines);
  const document: MarkdownDocument = {
    frontMatter,
    frontMatterUnclosed: unclosed,
    preamble: [],
    sections: [],
  };
  let section: Section | undefined;
  for (let index = first; index < lines.length; index++) {
    const line = lines[index] as Line; // in range
    const opening = /^ {0,3}(`{3,}|~{3,})([^`]*)$/.exec(line.text);
    if (opening) {
      const taken = takeFence(text, lines, index, opening[1] ?? "", opening[2] ?? "");
      (section?.fences ?? document.preamble).push(taken.fence);
      index = taken.last;
      continue;
    }
    const heading = /^ {0,3}##(?!#)[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/.exec(line.text);
    if (!heading) continue;
    if (section) section.body = piece(text, section.body.from, line.from);
    section = {
      title: heading[1] ?? "",
      heading: { from: line.from, to: line.to, text: line.text },
      fences: [],
      body: piece(text, line.next, text.length),
    };
    document.sections.push(section);
  }
  return document;
}

/** A section's prose: its body without this block, trimmed, no run of blank lines where it stood. */
export function proseWithout(section: Section, fence: Fence | undefined): string {
  const { body } = section;
  if (!fence) return body.text.trim();
  const before = body.text.slice(0, fence.whole.from - body.from).trimEnd();
  const after = body.text.slice(fence.whole.to - body.from).trimStart();
  return `${before}\n\n${after}`.trim();
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let from = 0;
  while (from < text.length) {
    const end = text.indexOf("\n", from);
    const next = end === -1 ? text.length : end + 1;
    let to = end === -1 ? text.length : end;
    if (text[to - 1] === "\r" && to > from) to--;
    lines.push({ from, to, next, text: text.slice(from, to) });
    from = next;
  }
  return lines;
}

function takeFrontMatter(
  text: string,
  lines: Line[],
): { frontMatter: Piece | null; unclosed: boolean; first: number } {
  if (lines[0]?.text.replace(/^\uFEFF/, "").trimEnd() !== "---")
    return { frontMatter: null, unclosed: false, first: 0 };
  const end = lines.findIndex((line, index) => index > 0 && line.text.trimEnd() === "---");
  if (end === -1) return { frontMatter: null, unclosed: true, first: lines.length };
  const closing = lines[end] as Line; // found above
  return {
    frontMatter: piece(text, lines[0].next, closing.from),
    unclosed: false,
    first: end + 1,
  };
}

/** A fence ends at a line of at least as many of its own characters (CommonMark 0.31, section 4.5). */
function takeFence(
  text: string,
  lines: Line[],
  start: number,
  marks: string,
  info: string,
): { fence: Fence; last: number } {
  const opening = lines[start] as Line; // the caller matched it
  const closing = new RegExp(`^ {0,3}${marks[0] === "`" ? "`" : "~"}{${marks.length},}[ \\t]*$`);
  let last = start + 1;
  while (last < lines.length && !closing.test(lines[last]?.text ?? "")) last++;
  const end = lines[last];
  return {
    fence: {
      info: info.trim().replace(/\s+/g, " "),
      whole: piece(text, opening.from, end?.to ?? text.length),
      content: piece(text, opening.next, end?.from ?? text.length),
      closed: end !== undefined,
    },
    last,
  };
}

function piece(text: string, from: number, to: number): Piece {
  return { from, to, text: text.slice(from, to) };
}

/** How a note looks in a notebook: a compact card, also where only Markdown or plain text is shown. */
import type { MimeBundle } from "../../core/host.ts";
import type { NoteFact } from "../../core/fact.ts";
import type { Json } from "../../core/json.ts";
import { escapeControls, escapeHtml, escapeMarkdown } from "../display/escape.ts";

type NoteContent = Omit<NoteFact, "fact">;

/** Colour of the card's edge; the word beside it says the same. From the charts' palette, fit for light and dark. */
const EDGE = {
  finding: "#0072b2",
  holds: "#009e73",
  fails: "#d55e00",
  decision: "#8a5fbf",
} as const;

/** A line below a note's text: what it rests on, what it changes. */
interface Detail {
  label: string;
  values: string[];
}

/** @param reasons texts of the notes named in `because`, by id */
export function noteCard(note: NoteContent, reasons: ReadonlyMap<string, string>): MimeBundle {
  const details = detailsOf(note, reasons);
  return {
    "text/html": cardHtml(note, details),
    "text/markdown": cardMarkdown(note, details),
    "text/plain": cardText(note, details),
  };
}

function detailsOf(note: NoteContent, reasons: ReadonlyMap<string, string>): Detail[] {
  const all: Detail[] = [
    {
      label: "because",
      values: (note.because ?? []).map((id) => `${id}: ${reasons.get(id) ?? ""}`),
    },
    {
      label: "sets",
      values: Object.entries(note.sets ?? {}).map(
        ([name, value]) => `${name} = ${shortJson(value)}`,
      ),
    },
    { label: "instead of", values: note.instead ?? [] },
    {
      label: "on",
      values: note.on.map(({ input, digest }) => `${input} ${digest.slice(7, 15)}`), // the first eight hex digits
    },
    { label: "tags", values: note.tags },
  ];
  return all.filter(({ values }) => values.length > 0);
}

function shortJson(value: Json): string {
  return JSON.stringify(value);
}

/** "Assumption, holds" */
function titleOf(note: NoteContent): string {
  if (note.kind !== "assumption") return note.kind === "finding" ? "Finding" : "Decision";
  return note.holds ? "Assumption, holds" : "Assumption, does not hold";
}

function edgeOf(note: NoteContent): string {
  if (note.kind !== "assumption") return EDGE[note.kind];
  return note.holds ? EDGE.holds : EDGE.fails;
}

function cardHtml(note: NoteContent, details: Detail[]): string {
  const lines = details.map(
    ({ label, values }) =>
      `<div style="opacity:0.75"><small>${label}: ${values.map(escapeHtml).join(" · ")}</small></div>`,
  );
  return (
    `<div style="border-left:4px solid ${edgeOf(note)};padding:4px 12px;margin:4px 0">` +
    `<div><small><b>${titleOf(note)}</b> <span style="opacity:0.6">${escapeHtml(note.id)}</span></small></div>` +
    `<div>${escapeHtml(note.text)}</div>${lines.join("")}</div>`
  );
}

function cardMarkdown(note: NoteContent, details: Detail[]): string {
  const lines = details.map(
    ({ label, values }) => `> *${label}: ${values.map(escapeMarkdown).join(" · ")}*`,
  );
  const head = `> **${titleOf(note)}** (${note.id})`;
  return [head, `> ${escapeMarkdown(note.text)}`, ...lines].join("  \n");
}

function cardText(note: NoteContent, details: Detail[]): string {
  const lines = details.map(
    ({ label, values }) => `  ${label}: ${values.map(escapeControls).join(" · ")}`,
  );
  return [`${titleOf(note)} (${note.id}): ${escapeControls(note.text)}`, ...lines].join("\n");
}

/**
 * Completion and inspection: what types know and what the values there are show, as one reply.
 *
 * Both are asked at the same time. Types answer while a cell runs; values only between cells.
 */
import type { Content } from "../../core/wire/message.ts";
import { toCodePoints, toUnits } from "../types/code-points.ts";
import type { Completed, Inspected } from "../types/questions.ts";
import type { TypesService } from "../types/service.ts";
import type { Answers } from "./answers.ts";
import { textIn } from "./fields.ts";

interface Asked {
  code: string;
  /** In Unicode code points. */
  cursor: number;
}

interface Sources {
  types: TypesService;
  /** Null while a cell runs. */
  values: Answers | null;
}

export async function complete(
  { types, values }: Sources,
  { code, cursor }: Asked,
): Promise<Content> {
  const question = { about: "complete", code, offset: toUnits(code, cursor) } as const;
  const [typed, live] = await Promise.all([
    types.ask(question),
    values?.ask("complete", code, cursor) ?? null,
  ]);
  if (typed) return typedReply(code, typed, matchesOf(live));
  const nothing = { matches: [], cursor_start: cursor, cursor_end: cursor, metadata: {} };
  return { status: "ok", ...(live ?? nothing) };
}

function matchesOf(live: Content | null): string[] {
  return (live?.["matches"] as string[] | undefined) ?? []; // made by kernel/evaluate/live-scope.ts
}

function typedReply(code: string, typed: Completed, live: readonly string[]): Content {
  const known = new Set([...typed.entries.map(({ name }) => name), ...typed.retired]);
  const extra = typed.live === "nothing" ? [] : live.filter((name) => !known.has(name));
  const entries = [...typed.entries, ...extra.map((name) => ({ name, kind: "value" }))];
  const start = toCodePoints(code, typed.from);
  const end = toCodePoints(code, typed.to);
  return {
    status: "ok",
    matches: entries.map(({ name }) => name),
    cursor_start: start,
    cursor_end: end,
    // JupyterLab shows the kinds from here; experimental by name since 2017, and read by every front end.
    metadata: {
      _jupyter_types_experimental: entries.map(({ name, kind }) => ({
        text: name,
        type: kind,
        start,
        end,
      })),
    },
  };
}

export async function inspect(
  { types, values }: Sources,
  { code, cursor, detail }: Asked & { detail: number },
): Promise<Content> {
  const question = { about: "inspect", code, offset: toUnits(code, cursor), detail } as const;
  const [typed, live] = await Promise.all([
    types.ask(question),
    values?.ask("inspect", code, cursor) ?? null,
  ]);
  const value = live?.["found"] === true ? textIn(live["data"] as Content, "text/plain") : ""; // made by live-scope.ts
  if (typed) {
    // A function's value is its source: for whoever wants to know all.
    const shown = typed.isValue || detail > 0 ? value : "";
    return { status: "ok", found: true, data: bundleOf(typed, shown), metadata: {} };
  }
  return { status: "ok", ...(live ?? { found: false, data: {}, metadata: {} }) };
}

function bundleOf({ code, documentation }: Inspected, value: string): Content {
  const plain = [code, documentation, value].filter((part) => part !== "");
  const markdown = [fenced("typescript", code), documentation, value && fenced("text", value)];
  return {
    "text/plain": plain.join("\n\n"),
    "text/markdown": markdown.filter((part) => part !== "").join("\n\n"),
  };
}

function fenced(language: string, text: string): string {
  const fence = text.includes("```") ? "````" : "```";
  return `${fence}${language}\n${text}\n${fence}`;
}

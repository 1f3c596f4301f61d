/**
 * The comm `steplab.types`: what a front end asks about the notebook that it shows, saved or not.
 *
 * A front end opens a comm with this target name and sends `CommRequest`s as its messages' data; each is answered by
 * one `CommReply` with the same `id`, also while a cell runs. It first sends the notebook, again after every edit,
 * and then asks. A kernel that does not know a version or a question says so in `error`, and goes on.
 *
 * Lines and columns count from 1, columns in UTF-16 units, as in every diagnostic of `steplab lint`.
 */
import type { Code } from "../../core/codes.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import type { Json } from "../../core/json.ts";
import type { CallSignature } from "../../pipeline/types/signatures.ts";

export const TYPES_TARGET = "steplab.types";

/** Changes when an older front end could not go on. */
export const TYPES_VERSION = 1;

export interface Place {
  /** The cell's nbformat id. */
  cell: string;
  line: number;
  column: number;
}

export type CommQuestion =
  /** The notebook as it stands: nbformat, as it would be saved. `path`: absolute; the kernel's own notebook where left out. */
  | { ask: "notebook"; notebook: Json; path?: string }
  | { ask: "diagnostics" }
  | ({ ask: "completion" } & Place)
  | ({ ask: "hover" } & Place)
  | ({ ask: "signature" } & Place);

export type CommRequest = CommQuestion & {
  version: typeof TYPES_VERSION;
  /** The front end's own; comes back with the answer. */
  id: number;
};

export interface CommAnswers {
  notebook: Record<string, never>;
  /** By cell id, in the notebook's order; cells without findings are left out. `""`: of the notebook as a whole. */
  diagnostics: { cells: { cell: string; diagnostics: Diagnostic[] }[] };
  /** Replaces the columns `from` to `to` of the line asked about. */
  completion: { from: number; to: number; entries: { name: string; kind: string }[] };
  /** Null where nothing is known of the place. */
  hover: {
    /** The name's columns, in the line asked about. */
    from: number;
    to: number;
    /** TypeScript. */
    code: string;
    /** Markdown. */
    documentation: string;
  } | null;
  /** Null outside of calls. */
  signature: {
    signatures: CallSignature[];
    activeSignature: number;
    activeParameter: number;
  } | null;
}

export type CommAnswer = CommAnswers[CommQuestion["ask"]];

export type CommOutcome = { answer: CommAnswer } | { error: { code: string; message: string } };

export type CommReply = { version: typeof TYPES_VERSION; id: number | null } & CommOutcome;

/** The reply to what a front end sent. `ask` gives null where types cannot answer. */
export async function replyTo(
  data: unknown,
  ask: (question: CommQuestion) => Promise<CommOutcome | null>,
): Promise<CommReply> {
  const request = readRequest(data);
  if (typeof request !== "string") {
    const { id } = request;
    const outcome = (await ask(request)) ?? failed("types/compiler-failed", UNANSWERED);
    return { version: TYPES_VERSION, id, ...outcome };
  }
  const id = (data as { id?: unknown } | null)?.id; // whatever it is
  const outcome = failed("wire/invalid-message", request);
  return { version: TYPES_VERSION, id: typeof id === "number" ? id : null, ...outcome };
}

const UNANSWERED = "The TypeScript compiler did not answer.";

function failed(code: Code, message: string): CommOutcome {
  return { error: { code, message } };
}

/** Reads what a front end sent; a sentence where it is none of these. */
function readRequest(data: unknown): CommRequest | string {
  if (typeof data !== "object" || data === null) return "The message's data is no object.";
  const { version, id, ask, ...rest } = data as Record<string, unknown>; // every member is looked at below
  if (version !== TYPES_VERSION)
    return `This kernel speaks version ${TYPES_VERSION} of ${TYPES_TARGET}; the message says ${JSON.stringify(version)}.`;
  if (typeof id !== "number") return "`id` must be a number.";
  switch (ask) {
    case "notebook":
      if (typeof rest["notebook"] !== "object" || rest["notebook"] === null)
        return "`notebook` must be the notebook, as nbformat.";
      return {
        version,
        id,
        ask,
        notebook: rest["notebook"] as Json, // came as JSON
        ...(typeof rest["path"] === "string" && { path: rest["path"] }),
      };
    case "diagnostics":
      return { version, id, ask };
    case "completion":
    case "hover":
    case "signature": {
      const { cell, line, column } = rest;
      if (typeof cell !== "string" || !isPosition(line) || !isPosition(column))
        return "`cell` must be a cell's id, `line` and `column` whole numbers from 1.";
      return { version, id, ask, cell, line, column };
    }
    default:
      return `${JSON.stringify(ask)} is no question of ${TYPES_TARGET}: notebook, diagnostics, completion, hover, signature.`;
  }
}

function isPosition(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1;
}

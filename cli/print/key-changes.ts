/** Why a stage runs, in full: the part of its key that changed, code as a diff. */
import type { DiffHunk } from "../../core/line-diff.ts";
import type { Json } from "../../core/json.ts";
import type { InputFacts, KeyChange } from "../../lineage/event.ts";
import { shortDigests } from "../../runner/key/key.ts";
import { bytes, paint, plural } from "./style.ts";

const INDENT = "    ";
/** Of one cell or module: beyond it the rest is counted. */
const SHOWN_LINES = 60;
const VALUE_CHARACTERS = 80;

/** Indented below the line that says that the stage runs, and why: what that `reason` tells whole is not said again. */
export function changeLines(
  changes: readonly KeyChange[],
  reason: string,
  stream: NodeJS.WriteStream = process.stdout,
): string[] {
  const phrases = reason.split("; ");
  return changes
    .filter((change) => !isTold(change, phrases))
    .flatMap((change) => linesOf(change, stream))
    .map((line) => `${INDENT}${line}`);
}

/** A value's phrase holds both its ends; the phrase of code or of an input says no more than that it changed. */
function isTold(change: KeyChange, phrases: readonly string[]): boolean {
  const label = valueLabel(change);
  return (
    label !== null &&
    phrases.some((phrase) => phrase.startsWith(`${label}: `) || phrase.startsWith(`${label} is `))
  );
}

function valueLabel(change: KeyChange): string | null {
  switch (change.part) {
    case "package":
    case "parameter":
      return `${change.part} ${change.name}`;
    case "setting":
      return change.name;
    case "cell":
    case "code":
    case "input":
    case "module":
      return null;
  }
}

function linesOf(change: KeyChange, stream: NodeJS.WriteStream): string[] {
  switch (change.part) {
    case "cell": {
      const { number, id, slot } = change.cell;
      const cell = `cell ${number}${slot === null ? "" : ` (${slot})`}`;
      const title =
        change.change === "removed" ? `cell ${id}, which is gone` : `${cell}, ${change.change}`;
      return [title, ...hunkLines(change.hunks, stream)];
    }
    case "module":
      return [
        `${change.path}, ${change.change}`,
        ...(change.hunks === null ? [UNKNOWN] : hunkLines(change.hunks, stream)),
      ];
    case "code":
      return [
        change.hunks === null
          ? `the notebook's code changed (${UNKNOWN})`
          : "cells stand in another order",
      ];
    case "input":
      return [`input ${change.name}: ${input(change.from)} → ${input(change.to)}`];
    case "package":
    case "parameter":
    case "setting":
      return [`${valueLabel(change)}: ${value(change.from)} → ${value(change.to)}`];
  }
}

const UNKNOWN = "its earlier text is not kept";

function hunkLines(hunks: readonly DiffHunk[], stream: NodeJS.WriteStream): string[] {
  const lines = hunks.flatMap((hunk) => [
    paint("cyan", `@@ line ${Math.max(1, hunk.after)}`, stream),
    ...hunk.lines.map(({ kind, line }) => {
      switch (kind) {
        case "same":
          return `  ${line}`.trimEnd();
        case "removed":
          return paint("red", `- ${line}`.trimEnd(), stream);
        case "added":
          return paint("green", `+ ${line}`.trimEnd(), stream);
      }
    }),
  ]);
  const left = lines.length - SHOWN_LINES;
  return left > 0 ? [...lines.slice(0, SHOWN_LINES), `… ${plural(left, "line")} more`] : lines;
}

/** `19,995 rows, 812.3 kB (1a2b3c4d)` */
function input(facts: (InputFacts & { digest: string }) | null): string {
  if (facts === null) return "none";
  const { rows, bytes: size, digest } = facts;
  const known = [
    ...(rows === null ? [] : [plural(rows, "row")]),
    ...(size === null ? [] : [bytes(size)]),
  ].join(", ");
  return `${known} (${digest.slice("sha256:".length, "sha256:".length + 8)})`.trimStart();
}

/** A version without the digest that pins it: two packages of one version and other bytes show both. */
function value(json: Json): string {
  if (json === null) return "none";
  const text = typeof json === "string" ? shortDigests(json) : JSON.stringify(json);
  return text.length <= VALUE_CHARACTERS ? text : `${text.slice(0, VALUE_CHARACTERS)} …`;
}

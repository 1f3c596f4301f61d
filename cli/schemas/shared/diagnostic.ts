/** A finding of lint, as every command prints it. */
import { z } from "zod";
import { Code } from "./fields.ts";

const Place = z
  .object({
    file: z.string().describe("relative to the project's root, with forward slashes"),
    cell: z
      .object({
        number: z.int().positive().describe("in the notebook, from 1"),
        id: z.string().describe("nbformat id"),
        slot: z.string().optional(),
      })
      .optional()
      .describe("set for a place in a notebook"),
    line: z
      .int()
      .positive()
      .optional()
      .describe("from 1; within the cell when there is one, else within the file"),
    column: z.int().positive().optional().describe("from 1, in UTF-16 units"),
    endLine: z.int().positive().optional(),
    endColumn: z.int().positive().optional(),
  })
  .meta({ id: "Place" });

const singleFixes = [
  z.object({
    kind: z.literal("replace-text"),
    file: z.string(),
    from: z.int(),
    to: z.int(),
    text: z.string(),
  }),
  z.object({
    kind: z.literal("notebook"),
    file: z.string(),
    operation: z.string(),
    arguments: z.record(z.string(), z.unknown()).optional(),
  }),
  z.object({
    kind: z.literal("wire-input"),
    file: z.string().describe("the document"),
    stage: z.string(),
    input: z.string(),
    wire: z.string().describe("what the input is to be wired to"),
  }),
] as const;

export const Diagnostic = z
  .object({
    code: Code,
    severity: z.enum(["error", "warning", "information"]),
    message: z.string(),
    hint: z.string().optional().describe("how to mend it"),
    at: Place,
    source: z.string().optional().describe("the text of the line at `at`"),
    related: z
      .array(z.object({ at: Place, message: z.string(), source: z.string().optional() }))
      .optional()
      .describe("other ends of the same fault"),
    fix: z
      .discriminatedUnion("kind", [
        ...singleFixes,
        z.object({
          kind: z.literal("together"),
          file: z.string(),
          fixes: z.array(z.discriminatedUnion("kind", singleFixes)),
        }),
      ])
      .optional()
      .describe("what --fix does"),
  })
  .meta({ id: "Diagnostic", description: "one finding of lint" });

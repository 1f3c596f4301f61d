import { z } from "zod";
import { Version } from "./shared/fields.ts";

const Made = z.object({
  steplab: Version,
  stage: z.string(),
  template: z.string(),
  notebook: z.string().describe("relative to the project's root"),
  module: z
    .string()
    .nullable()
    .describe("the module that holds the schemas read off files; null where there are none"),
  document: z
    .string()
    .nullable()
    .describe("the document that has the stage's section now; null for an exploration"),
  inputs: z
    .record(z.string(), z.string().nullable())
    .describe("input to where it comes from; null for one that is still to be wired"),
  notes: z
    .array(z.object({ cell: z.int().positive(), line: z.int().positive(), message: z.string() }))
    .describe("what to look at, by its place in the notebook that cells were lifted from"),
  files: z
    .array(
      z.object({
        input: z.string(),
        path: z.string().describe("as it was named"),
        rows: z.int().nonnegative(),
        columns: z.int().nonnegative(),
        schema: z.string().describe("its name in the module"),
        notes: z.array(z.string()),
      }),
    )
    .describe(
      "files that inputs are wired to, read to the end for the schema that fits all of their rows",
    ),
  refused: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .describe("files whose rows could not be read, or that are not there, and why"),
  runsAsItIs: z
    .boolean()
    .describe("every output that the notebook declares is written by what stands in it"),
});

const Templates = z.object({
  steplab: Version,
  templates: z.array(
    z.object({
      name: z.string(),
      describes: z.string(),
      own: z.boolean().describe("one of the project's own"),
    }),
  ),
});

export const schema = z.union([Made, Templates]).meta({
  title: "steplab new --json, format 1: what was made, or without a name the templates there are",
});

export type NewOutput = z.infer<typeof schema>;

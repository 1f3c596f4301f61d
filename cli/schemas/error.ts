/** What any command prints with `--json` when it ends with an error. */
import { z } from "zod";
import { Diagnostic } from "./shared/diagnostic.ts";
import { Code, Version } from "./shared/fields.ts";

export const schema = z
  .object({
    steplab: Version,
    error: z.object({
      code: Code,
      message: z.string(),
      hint: z.string().nullable().describe("how to mend it"),
      exitCode: z.int().describe("the command's"),
      diagnostics: z.array(Diagnostic).describe("what the error stands for, when it is several"),
    }),
  })
  .meta({
    title: "Error of a steplab command, format 1",
    description:
      "One line on standard output instead of the result (the last line of `steplab run --json`).",
  });

export type ErrorOutput = z.infer<typeof schema>;

import { z } from "zod";
import { RunName, Version } from "./shared/fields.ts";

export const schema = z
  .object({
    steplab: Version,
    run: RunName,
    to: z.string().describe("what was written, relative to where the command was typed"),
    files: z.int(),
    bytes: z.int().describe("of the files, unpacked"),
  })
  .meta({ title: "steplab export --json, format 1" });

export type ExportOutput = z.infer<typeof schema>;

import { z } from "zod";
import { Version } from "./shared/fields.ts";

const path = z.string().describe("relative to the project's folder, with forward slashes");

export const schema = z
  .object({
    steplab: Version,
    folder: z.string().describe("absolute path of the project"),
    dependency: z
      .string()
      .describe("what package.json says of steplab: a version, or where it was installed from"),
    written: z.array(path),
    changed: z
      .array(z.object({ path, what: z.string() }))
      .describe("files that were there and got an addition"),
    kept: z.array(path).describe("files that were there and stay as they are"),
    byHand: z.array(z.object({ path, what: z.string() })).describe("what only a person can decide"),
  })
  .meta({ title: "steplab init --json, format 1" });

export type InitOutput = z.infer<typeof schema>;

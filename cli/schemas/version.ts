import { z } from "zod";
import { Version } from "./shared/fields.ts";

export const schema = z
  .object({
    steplab: Version,
    version: z.string().describe("of steplab"),
    node: z.string().describe("version of the Node that runs it"),
  })
  .meta({ title: "steplab --version --json, format 1" });

export type VersionOutput = z.infer<typeof schema>;

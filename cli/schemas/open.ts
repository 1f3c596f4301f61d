import { z } from "zod";
import { Version } from "./shared/fields.ts";

export const schema = z
  .object({
    steplab: Version,
    run: z.string().describe("the run's id"),
    stage: z.string(),
    notebook: z.string().describe("the live notebook, relative to the project"),
    at: z
      .object({ id: z.string(), number: z.int() })
      .nullable()
      .describe("the cell that it is to be replayed to; null: none was named, and none failed"),
    isNew: z.boolean().describe("false: it was laid out before, and is as it was left"),
    differs: z.array(z.string()).describe("what is not as it was, in words"),
  })
  .meta({ title: "steplab open --no-lab --json, format 1" });

export type OpenOutput = z.infer<typeof schema>;

import { z } from "zod";
import { RunName, Version } from "./shared/fields.ts";

const Total = z.object({ count: z.int(), bytes: z.int() });

export const schema = z
  .object({
    steplab: Version,
    freed: z.boolean().describe("false when it was only shown"),
    running: z.array(RunName).describe("under way: while there are any, no run is dropped"),
    runs: z.array(z.object({ run: RunName, bytes: z.int() })).describe("dropped"),
    kept: z
      .array(z.object({ run: RunName, why: z.string() }))
      .describe("runs that fit the options and stay"),
    objects: Total.describe("that nothing needs"),
    keys: z.int().describe("that led to results which are gone"),
    leftovers: Total.describe("of what was killed: scratch, temporary files"),
    unused: Total.describe("contracts and verdicts kept for code that was not judged in 30 days"),
    recent: Total.describe("needed by nothing, and younger than --grace"),
    needed: Total.describe("stays"),
    bytes: z.int().describe("freed, or to be freed, in all"),
  })
  .meta({ title: "steplab gc --json, format 1" });

export type GcOutput = z.infer<typeof schema>;

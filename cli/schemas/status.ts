import { z } from "zod";
import { RunName, Version } from "./shared/fields.ts";

export const schema = z
  .object({
    steplab: Version,
    pipeline: z.string(),
    stages: z.array(
      z.object({
        stage: z.string(),
        state: z.enum(["fresh", "stale", "waits"]),
        reason: z.string(),
        executedIn: RunName.nullable(),
      }),
    ),
    last: RunName.nullable(),
    running: z.array(RunName),
    recovered: z.array(RunName),
  })
  .meta({ title: "steplab status --json, format 1" });

export type StatusOutput = z.infer<typeof schema>;

import { z } from "zod";
import { GitPlace, RunName, RunStatus, StageStatus, Time } from "./shared/fields.ts";

export const schema = z
  .array(
    z.object({
      run: RunName,
      pipeline: z.string(),
      status: RunStatus,
      startedAt: Time,
      endedAt: Time,
      git: GitPlace.extend({
        changes: z.string().nullable().describe("digest of the list of changed files"),
        problem: z.string().optional().describe("why the repository could not be read"),
      })
        .nullable()
        .describe("null outside a repository"),
      stages: z.record(z.string(), StageStatus),
      metrics: z.record(z.string(), z.number()).describe("by stage.metric"),
    }),
  )
  .meta({
    title: "steplab runs --json",
    description: "Newest first; `steplab show <run> --json` has all of a run.",
  });

export type RunsOutput = z.infer<typeof schema>;

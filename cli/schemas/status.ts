import { z } from "zod";
import { KeyChange } from "../../lineage/event-schema.ts";
import { Diagnostic } from "./shared/diagnostic.ts";
import { GitPlace, RunName, RunStatus, StageStatus, Time, Version } from "./shared/fields.ts";

const Stage = z.object({
  stage: z.string(),
  state: z
    .enum(["fresh", "stale", "waits"])
    .describe("waits: a stage before it must run first, so nobody knows yet"),
  reason: z.string(),
  changes: z.array(KeyChange).optional().describe("what of its key changed, with --explain"),
  executedIn: RunName.nullable().describe("the run whose result a fresh stage has"),
});

const Running = z.object({
  run: RunName,
  pipeline: z.string(),
  startedAt: Time,
  stages: z.object({ ended: z.int(), total: z.int() }),
  executing: z.array(
    z.object({
      stage: z.string(),
      startedAt: Time,
      cell: z.int().describe("of `cells`; 0 before the first"),
      cells: z.int(),
      title: z.string().describe("first line of the cell"),
    }),
  ),
});

const Last = z.object({
  run: RunName,
  status: RunStatus,
  startedAt: Time,
  endedAt: Time,
  failed: z.array(
    z.object({
      stage: z.string(),
      status: StageStatus,
      message: z.string().describe("first line of the error, or the checks that failed"),
      notebook: z.string().nullable().describe("the executed notebook, relative to the project"),
    }),
  ),
});

const Metric = z.object({
  stage: z.string(),
  metric: z.string(),
  value: z.number(),
  goal: z.enum(["min", "max"]),
  unit: z.string().nullable(),
  run: RunName.describe("the run that measured it"),
  before: z
    .object({ run: RunName, value: z.number() })
    .nullable()
    .describe("what the execution before that one measured"),
});

const Note = z.object({
  run: RunName,
  stage: z.string(),
  at: Time,
  kind: z.enum(["finding", "assumption", "decision"]),
  text: z.string(),
  holds: z.boolean().nullable().describe("of an assumption: whether it held"),
});

export const schema = z
  .object({
    steplab: Version,
    document: z.string().describe("relative to the project's root"),
    pipeline: z.string().nullable().describe("null when the project does not lint"),
    stages: z
      .array(Stage)
      .nullable()
      .describe("in the order of the graph; null when the project does not lint"),
    diagnostics: z.array(Diagnostic),
    git: GitPlace.nullable().describe("null outside a repository"),
    changes: z
      .array(z.object({ path: z.string(), change: z.enum(["modified", "added", "deleted"]) }))
      .nullable()
      .describe("files that differ from what the last run saw; null when nobody can say"),
    urls: z
      .array(
        z.object({
          stage: z.string(),
          input: z.string(),
          url: z.string(),
          fetchedAt: Time.nullable().describe("null: never"),
        }),
      )
      .describe("sources that the next run asks again"),
    undeclared: z
      .array(
        z.object({
          stage: z.string(),
          kind: z.enum(["file", "folder", "environment", "address"]),
          name: z.string(),
          how: z.enum(["read", "looked-at"]),
        }),
      )
      .describe("what the stages of the last run read past their inputs"),
    recovered: z.array(RunName).describe("found interrupted just now, and given their record"),
    running: z.array(Running),
    last: Last.nullable().describe("the newest run of this pipeline"),
    metrics: z.array(Metric).describe("of the newest run that has any"),
    notes: z.array(Note).describe("the newest first, at most ten"),
    next: z.object({ command: z.string().describe("what to type"), why: z.string() }),
  })
  .meta({
    title: "steplab status --json, format 1",
    description: "Exit code 2 when the project does not lint: `diagnostics` says why.",
  });

export type StatusOutput = z.infer<typeof schema>;

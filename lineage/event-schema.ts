/**
 * The journal's form as a schema, one event a line: published (`docs/schemas/event.schema.json`) for programs that
 * follow a run, through `steplab run --json` or through its `events.jsonl`. Members may be added, named ones stay.
 */
import { z } from "zod";
import {
  Check,
  Digest,
  EnvironmentSchema,
  GitSchema,
  InputSource,
  Note,
  RunId,
  StageSchema,
  UndeclaredRead,
} from "./record-schema.ts";
import { CELL_STATUSES, RUN_STATUSES, STAGE_STATUSES } from "./status.ts";

const at = z.number().describe("milliseconds since 1970, UTC");
const stage = z.string().describe("the stage's name");
const attempt = z.int().positive().describe("from 1");
const cell = z.looseObject({
  number: z.int().nonnegative().describe("in the notebook, from 1; 0 for injected parameters"),
  id: z.string().describe("nbformat id"),
  slot: z.string().nullable(),
});

const RunStarted = z
  .looseObject({
    type: z.literal("run-started"),
    at,
    run: RunId,
    pipeline: z.string(),
    document: z.string(),
    seed: z.int(),
    profile: z.string().nullable(),
    owner: z
      .looseObject({ pid: z.int(), startedAt: z.string().nullable(), host: z.string() })
      .describe("the process that owns the run"),
    git: GitSchema.nullable(),
    environment: EnvironmentSchema,
    stages: z
      .record(z.string(), StageSchema)
      .describe("every stage, as it stands in the record if nothing more is heard of it"),
  })
  .describe("first line of every journal");

const SourceFetched = z
  .looseObject({
    type: z.literal("source-fetched"),
    at,
    stage,
    input: z.string(),
    source: InputSource,
    digest: Digest,
    bytes: z.int(),
  })
  .describe("a file, folder or URL was read into the store");

const Hunks = z.array(
  z.object({
    before: z.int().nonnegative(),
    after: z.int().nonnegative(),
    lines: z.array(
      z.object({
        kind: z.enum(["same", "removed", "added"]),
        line: z.string(),
        before: z.int().optional(),
        after: z.int().optional(),
      }),
    ),
  }),
);
const change = z.enum(["changed", "added", "removed"]);
const changedCell = z.object({
  number: z.int().positive().describe("in the notebook, from 1"),
  id: z.string(),
  slot: z.string().nullable(),
});
const ChangedInput = z.object({
  digest: Digest,
  bytes: z.int().nullable(),
  rows: z.int().nullable(),
});

export const KeyChange = z
  .discriminatedUnion("part", [
    z.object({ part: z.literal("cell"), change, cell: changedCell, hunks: Hunks }),
    z.object({
      part: z.literal("module"),
      change,
      path: z.string(),
      hunks: Hunks.nullable().describe("null: the earlier text is not known"),
    }),
    z.object({ part: z.literal("code"), hunks: Hunks.nullable() }),
    z.object({
      part: z.literal("input"),
      name: z.string(),
      from: ChangedInput.nullable(),
      to: ChangedInput.nullable(),
    }),
    z.object({
      part: z.enum(["parameter", "package", "setting"]),
      name: z.string(),
      from: z.json(),
      to: z.json(),
    }),
  ])
  .describe("one difference between a stage's key and the one before");

const StagePlanned = z
  .looseObject({
    type: z.literal("stage-planned"),
    at,
    stage,
    decision: z.enum(["run", "cached", "not-run"]),
    key: Digest.nullable(),
    reason: z.string().describe("which part of the key changed, from what to what"),
    changes: z.array(KeyChange).optional().describe("the same in full, with --explain"),
  })
  .describe("it was decided whether a stage runs");

const StageStarted = z
  .looseObject({
    type: z.literal("stage-started"),
    at,
    stage,
    attempt,
    kernelPid: z.int().nullable(),
    cells: z.int().nonnegative().describe("how many will be executed"),
    record: StageSchema,
  })
  .describe("a kernel begins with a stage");

const CellStarted = z.looseObject({
  type: z.literal("cell-started"),
  at,
  stage,
  attempt,
  cell,
  title: z.string().describe("first line of the code, cut"),
});

const CellEnded = z.looseObject({
  type: z.literal("cell-ended"),
  at,
  stage,
  attempt,
  cell,
  status: z.enum(CELL_STATUSES),
  wallMs: z.number().nullable(),
  cpuMs: z.number().nullable(),
  peakRssBytes: z.number().nullable(),
});

const StageTold = z
  .looseObject({
    type: z.literal("stage-told"),
    at,
    stage,
    attempt,
    fact: z.discriminatedUnion("fact", [
      Check.extend({ fact: z.literal("check") }),
      Note.extend({ fact: z.literal("note") }),
      z.looseObject({
        fact: z.literal("metric"),
        name: z.string(),
        value: z.number(),
        step: z.number().optional().describe("of a series"),
      }),
      z.looseObject({
        fact: z.literal("progress"),
        id: z.string(),
        label: z.string(),
        done: z.number(),
        total: z.number().nullable(),
      }),
      UndeclaredRead.extend({
        fact: z.literal("read"),
        replaces: z.array(z.string()).optional().describe("files told before, now the folder's"),
      }),
      z.looseObject({ fact: z.literal("output"), name: z.string(), kind: z.string() }),
    ]),
  })
  .describe("what the notebook told: a check's result, a metric, a note, progress, an output");

const StageLogged = z
  .looseObject({
    type: z.literal("stage-logged"),
    at,
    stage,
    stream: z.enum(["stdout", "stderr"]),
    text: z.string(),
  })
  .describe("what the kernel's process wrote to its own streams");

const AttemptEnded = z
  .looseObject({
    type: z.literal("attempt-ended"),
    at,
    stage,
    attempt,
    status: z.enum(STAGE_STATUSES),
    message: z.string().describe("why it did not succeed"),
    pauseMs: z.number().describe("until the next attempt begins"),
  })
  .describe("an attempt failed and is followed by another (`retries`)");

const StageEnded = z
  .looseObject({
    type: z.literal("stage-ended"),
    at,
    stage,
    status: z.enum(STAGE_STATUSES),
    record: StageSchema.describe("the stage as it stands in the record"),
  })
  .describe("a stage ended, was cached, or will not run");

const RunEnded = z.looseObject({
  type: z.literal("run-ended"),
  at,
  status: z.enum(RUN_STATUSES),
});

/** A line of the journal, as zod. */
export const EventSchema = z
  .discriminatedUnion("type", [
    RunStarted,
    SourceFetched,
    StagePlanned,
    StageStarted,
    CellStarted,
    CellEnded,
    StageTold,
    StageLogged,
    AttemptEnded,
    StageEnded,
    RunEnded,
  ])
  .meta({
    title: "An event of a run: a line of events.jsonl and of steplab run --json, format 1",
  });

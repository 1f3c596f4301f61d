/**
 * The record's form as a schema: what `steplab verify` holds every run.json to, and what is published as JSON
 * Schema (`docs/schemas/run.schema.json`) for programs that read archives. Unknown members are kept and allowed:
 * fields may be added freely, named ones stay.
 */
import { z } from "zod";
import { CELL_STATUSES, RUN_STATUSES, STAGE_STATUSES } from "./status.ts";

export const Digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .meta({ description: "SHA-256, lowercase hex" });
const Time = z.iso.datetime().meta({ description: "UTC, ISO 8601 with milliseconds" });
export const RunId = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{6}Z-[0-9a-f]{4,}$/);
const Json = z.json();

export const InputSource = z.union([
  z.looseObject({ run: RunId, stage: z.string(), output: z.string() }),
  z.looseObject({ stage: z.string(), output: z.string() }),
  z.looseObject({ path: z.string() }),
  z.looseObject({ url: z.string(), etag: z.string().nullable() }),
]);

const Output = z.looseObject({
  kind: z.enum(["table", "json", "file", "folder", "model"]),
  digest: Digest,
  bytes: z.int().nonnegative(),
  mediaType: z.string(),
  schema: Json,
  summary: z.record(z.string(), Json),
  path: z.string().meta({ description: "relative to the run's folder" }),
});

export const Check = z.looseObject({
  name: z.string(),
  status: z.enum(["passed", "failed", "warned"]),
  severity: z.enum(["error", "warn"]),
  rule: z.string().optional(),
  value: Json.optional(),
  rows: z
    .looseObject({
      failed: z.int(),
      total: z.int(),
      first: z.array(z.looseObject({ row: z.int(), values: z.record(z.string(), Json) })),
      artifact: Digest.optional(),
    })
    .optional(),
});

const Metric = z.looseObject({
  value: z.number(),
  goal: z.enum(["min", "max"]),
  unit: z.string().nullable(),
  series: z.array(z.looseObject({ step: z.number(), value: z.number() })).nullable(),
});

export const Note = z.looseObject({
  id: z.string(),
  kind: z.enum(["finding", "assumption", "decision"]),
  text: z.string(),
  tags: z.array(z.string()),
  on: z.array(z.looseObject({ input: z.string(), digest: Digest })),
});

const Place = z.looseObject({
  file: z.string(),
  cell: z.looseObject({ number: z.int(), id: z.string() }).optional(),
  line: z.int().optional(),
  column: z.int().optional(),
});

export const UndeclaredRead = z.looseObject({
  kind: z.enum(["file", "folder", "environment", "address"]),
  name: z.string().meta({
    description: "a path relative to the project, or a base name (outside); a variable; an address",
  }),
  outside: z.literal(true).optional(),
  how: z.enum(["read", "looked-at"]),
  package: z.string().optional(),
  places: z.array(z.looseObject({ at: Place, source: z.string().optional() })),
  count: z.int().positive(),
});

const Kernel = z.looseObject({
  name: z.string(),
  version: z.string().nullable(),
  server: z.string().optional().meta({ description: "address of the Jupyter Server it ran on" }),
  files: z.enum(["shared", "contents"]).optional(),
  lost: z
    .array(z.looseObject({ cell: z.int(), message: z.enum(["idle", "reply"]) }))
    .optional()
    .meta({ description: "messages that the kernel owed and did not send" }),
});

const StageError = z.looseObject({
  name: z.string(),
  message: z.string(),
  cell: z.looseObject({ number: z.int(), id: z.string(), line: z.int().nullable() }).nullable(),
  notebook: z.string().nullable(),
  process: z
    .looseObject({
      exitCode: z.int().nullable(),
      signal: z.string().nullable(),
      stderr: z.string(),
    })
    .nullable(),
  traceback: z.array(z.string()),
});

/** A stage of a record: what `steplab show <run> <stage> --json` prints. */
export const StageSchema = z
  .looseObject({
    index: z.int().positive(),
    status: z.enum(STAGE_STATUSES),
    executedIn: RunId.nullable(),
    key: Digest.nullable(),
    reason: z.string().nullable(),
    template: z.string(),
    params: z.record(z.string(), Json),
    reproducible: z.boolean(),
    notReproducible: z.array(z.string()).optional(),
    undeclaredReads: z.array(UndeclaredRead).optional(),
    kernel: Kernel.optional(),
    resumed: z.null(),
    notebook: z.looseObject({
      source: Digest,
      executed: Digest.nullable(),
      path: z.string().nullable(),
    }),
    modules: z.record(z.string(), Digest.nullable()).optional(),
    inputs: z.record(
      z.string(),
      z.looseObject({ source: InputSource, digest: Digest, bytes: z.int() }),
    ),
    outputs: z.record(z.string(), Output),
    checks: z.array(Check),
    metrics: z.record(z.string(), Metric),
    notes: z.array(Note),
    attempts: z.array(
      z.looseObject({
        status: z.enum(STAGE_STATUSES),
        startedAt: Time,
        endedAt: Time,
        failed: z
          .looseObject({
            message: z.string(),
            notebook: z.looseObject({ executed: Digest, path: z.string() }),
          })
          .optional(),
      }),
    ),
    cells: z.array(
      z.looseObject({
        id: z.string(),
        slot: z.string().nullable(),
        status: z.enum(CELL_STATUSES),
        wallMs: z.number().nullable(),
        cpuMs: z.number().nullable(),
        peakRssBytes: z.number().nullable(),
      }),
    ),
    error: StageError.nullable(),
  })
  .meta({ id: "Stage", title: "A stage of a steplab run record, format 1" });

export const GitSchema = z.looseObject({
  commit: z.string().nullable(),
  branch: z.string().nullable(),
  tag: z.string().nullable(),
  dirty: z.boolean(),
  changes: Digest.nullable(),
  problem: z.string().optional(),
});

export const EnvironmentSchema = z.looseObject({
  node: z.string(),
  platform: z.string(),
  lockfile: Digest.nullable(),
  packages: z.record(z.string(), z.string()),
  steplab: z.string(),
});

/** The form of `run.json`, as zod; members that it does not name are let through. */
export const RecordSchema = z
  .looseObject({
    steplab: z.literal(1),
    run: RunId,
    pipeline: z.string(),
    document: z.string(),
    status: z.enum(RUN_STATUSES),
    startedAt: Time,
    endedAt: Time,
    seed: z.int(),
    profile: z.string().nullable(),
    git: GitSchema.nullable(),
    environment: EnvironmentSchema,
    stages: z.record(z.string(), StageSchema),
  })
  .meta({ title: "steplab run record (run.json), format 1" });

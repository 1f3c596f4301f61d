import { z } from "zod";
import { Check, Digest, GitSchema, InputSource, Note } from "../../lineage/record-schema.ts";
import { RunName, RunStatus, StageStatus, Time, Version } from "./shared/fields.ts";

const ValueChange = z
  .object({
    path: z.string().describe('"gbdt.trees"; empty for the value itself'),
    before: z.json().optional().describe("absent where there was nothing"),
    after: z.json().optional().describe("absent where there is nothing"),
  })
  .meta({ id: "ValueChange" });

const Git = z.object(GitSchema.shape);

const Line = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("same"), line: z.string(), before: z.int(), after: z.int() }),
  z.object({ kind: z.literal("removed"), line: z.string(), before: z.int() }),
  z.object({ kind: z.literal("added"), line: z.string(), after: z.int() }),
]);

const Hunk = z
  .object({ before: z.int(), after: z.int(), lines: z.array(Line) })
  .meta({ id: "Hunk", description: "changed lines with those around them, numbered from 1" });

const Cell = z
  .object({
    kind: z.enum(["added", "removed", "changed", "moved"]),
    id: z.string().describe("nbformat id"),
    type: z.enum(["code", "markdown", "raw"]),
    slot: z.string().nullable(),
    before: z.int().nullable().describe("number in the earlier notebook"),
    after: z.int().nullable(),
    source: z.array(Hunk),
    outputs: z.array(
      z.object({
        what: z.string().describe("stdout, stderr, error, or a media type"),
        change: z.enum(["added", "removed", "changed"]),
        lines: z.array(Hunk).describe("of text; empty for what is not read as text"),
        bytesBefore: z.int().nullable(),
        bytesAfter: z.int().nullable(),
      }),
    ),
  })
  .meta({ id: "CellChange" });

const Input = z.object({ source: InputSource, digest: Digest, bytes: z.int() });

const OutputFacts = z.object({
  kind: z.enum(["table", "json", "file", "folder", "model"]),
  digest: Digest,
  bytes: z.int(),
  rows: z.int().nullable().describe("of a table"),
});

/** As in the record. */
const CheckFacts = z.object(Check.shape);

const StageFacts = z
  .object({
    status: z
      .object({ before: StageStatus, after: StageStatus })
      .nullable()
      .describe("null when it ended as before; succeeded and cached are one"),
    reason: z.string().nullable().describe("why the later one did not run"),
    error: z.object({ before: z.string().nullable(), after: z.string().nullable() }).nullable(),
    template: z.object({ before: z.string(), after: z.string() }).nullable(),
    params: z.array(ValueChange),
    inputs: z.array(
      z.object({ name: z.string(), before: Input.optional(), after: Input.optional() }),
    ),
    checks: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(["newly-failing", "newly-passing", "added", "removed", "changed"]),
        before: CheckFacts.optional(),
        after: CheckFacts.optional(),
      }),
    ),
    metrics: z.array(
      z.object({
        name: z.string(),
        before: z.number().optional(),
        after: z.number().optional(),
        goal: z.enum(["min", "max"]),
        unit: z.string().nullable(),
        delta: z.number().nullable().describe("after - before"),
        better: z.boolean().nullable().describe("by the goal"),
      }),
    ),
    outputs: z.array(
      z.object({
        name: z.string(),
        before: OutputFacts.optional(),
        after: OutputFacts.optional(),
        schema: z.array(ValueChange),
        columns: z
          .array(z.object({ column: z.string(), changes: z.array(ValueChange) }))
          .describe("what the columns' summaries say: nulls, min, max, mean, distinct"),
        summary: z.array(ValueChange).describe("of what is no table"),
      }),
    ),
    notes: z.array(z.object({ kind: z.enum(["added", "removed"]), note: Note })),
    time: z
      .object({ beforeMs: z.number(), afterMs: z.number() })
      .nullable()
      .describe("only when it took markedly longer or shorter"),
  })
  .meta({ id: "StageFacts" });

const Head = z.object({ run: RunName, status: RunStatus, startedAt: Time, endedAt: Time });

export const schema = z
  .object({
    steplab: Version,
    before: Head,
    after: Head,
    status: z.object({ before: RunStatus, after: RunStatus }).nullable(),
    run: z.array(ValueChange).describe("pipeline, document, seed, profile"),
    git: z
      .object({ before: Git.nullable(), after: Git.nullable() })
      .nullable()
      .describe("both sides when anything of it differs"),
    environment: z.array(ValueChange).describe("node, platform, steplab, lockfile"),
    packages: z.array(ValueChange).describe("by name, versions"),
    equal: z.boolean().describe("nothing that was compared differs"),
    stages: z
      .array(
        z.object({
          stage: z.string(),
          presence: z.enum(["both", "added", "removed"]),
          facts: StageFacts.nullable(),
          code: z
            .object({
              cells: z.array(Cell).nullable().describe("null when the texts were not archived"),
              modules: z.array(
                z.object({
                  path: z.string().describe("from the project's root"),
                  change: z.enum(["added", "removed", "changed"]),
                  lines: z.array(Hunk).nullable().describe("null when the text was not kept"),
                }),
              ),
            })
            .nullable(),
          notebook: z
            .object({ cells: z.array(Cell), same: z.int().describe("unchanged cells") })
            .nullable()
            .describe("with outputs; only when asked for"),
        }),
      )
      .describe("stages that differ"),
    same: z.array(z.string()).describe("stages that do not"),
  })
  .meta({ title: "steplab diff --json, format 1", description: "What is equal is not listed." });

export type DiffOutput = z.infer<typeof schema>;

import { z } from "zod";
import { Digest, InputSource } from "../../lineage/record-schema.ts";
import { GitPlace, RunName, StageStatus, Time, Version } from "./shared/fields.ts";

const Kind = z.enum(["table", "json", "file", "folder", "model"]);

export const schema = z
  .object({
    steplab: Version,
    root: z.string().describe("id of the node that was asked for"),
    artifacts: z.array(
      z.object({
        id: z.string(),
        digest: Digest,
        place: z
          .union([
            z.object({ stage: z.string(), output: z.string() }),
            z.object({ path: z.string() }),
            z.object({ url: z.string() }),
          ])
          .describe("an output of a stage, or outside of the pipeline"),
        kind: Kind.nullable().describe("null of what came from outside"),
        bytes: z.int(),
        rows: z.int().nullable().describe("of a table"),
      }),
    ),
    steps: z
      .array(
        z.object({
          id: z.string(),
          stage: z.string(),
          status: StageStatus,
          key: Digest.nullable(),
          execution: z
            .object({
              run: RunName,
              stage: z.string(),
              status: StageStatus,
              key: Digest.nullable(),
              endedAt: Time,
              git: GitPlace.nullable(),
              notebook: Digest.describe("of the notebook as it was"),
              params: z.record(z.string(), z.json()),
              inputs: z.array(
                z.object({
                  name: z.string(),
                  source: InputSource,
                  digest: Digest,
                  bytes: z.int(),
                }),
              ),
              outputs: z.array(
                z.object({
                  name: z.string(),
                  kind: Kind,
                  digest: Digest,
                  bytes: z.int(),
                  rows: z.int().nullable(),
                }),
              ),
              metrics: z.array(z.string()),
              checks: z.array(z.object({ name: z.string(), rows: Digest.nullable() })),
            })
            .describe("the one that is shown"),
          executions: z.int().describe("how many executions are this step"),
          runs: z.int().describe("how many runs took their results"),
        }),
      )
      .describe("executions of a stage with one key"),
    edges: z
      .array(z.object({ from: z.string(), to: z.string(), as: z.string() }))
      .describe("in the direction of the data; `as` names the input or output"),
  })
  .meta({ title: "steplab lineage --json, format 1" });

export type LineageOutput = z.infer<typeof schema>;

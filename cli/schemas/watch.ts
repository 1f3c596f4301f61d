import { z } from "zod";
import { EventSchema } from "../../lineage/event-schema.ts";
import { Diagnostic } from "./shared/diagnostic.ts";
import { Code, RunName, RunStatus } from "./shared/fields.ts";

const at = z.number().describe("milliseconds since 1970, UTC");

const Told = z.discriminatedUnion("type", [
  z
    .object({ type: z.literal("changed"), at, files: z.array(z.string()) })
    .describe("files were saved, made or removed; relative to the project's root"),
  z
    .object({
      type: z.literal("linted"),
      at,
      pipeline: z.string().nullable().describe("null when there are errors"),
      stages: z.int(),
      diagnostics: z.array(Diagnostic),
    })
    .describe("with errors among them nothing runs until they are mended"),
  z
    .object({
      type: z.literal("failed"),
      at,
      error: z.object({ code: Code, message: z.string(), hint: z.string().nullable() }),
    })
    .describe("the project could not be judged, or the run could not begin"),
  z.object({ type: z.literal("unaffected"), at }).describe("there is nothing to run"),
  z
    .object({ type: z.literal("superseded"), at, stages: z.array(z.string()) })
    .describe("a save changed what the run had begun with: it is cancelled and begins again"),
  z
    .object({
      type: z.literal("ran"),
      at,
      run: RunName,
      status: RunStatus,
      metrics: z.array(
        z.object({
          stage: z.string(),
          metric: z.string(),
          value: z.number(),
          goal: z.enum(["min", "max"]),
          unit: z.string().nullable(),
          run: RunName,
          before: z.object({ run: RunName, value: z.number() }).nullable(),
        }),
      ),
    })
    .describe("the run is archived; what it measured, beside what was measured before"),
  z.object({ type: z.literal("waiting"), at }),
]);

export const schema = z.union([Told, EventSchema]).meta({
  title: "A line of steplab watch --json, format 1",
  description: "What the watch tells, and the events of its runs as in their journals.",
});

export type WatchLine = z.infer<typeof Told>;

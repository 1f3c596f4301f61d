/** Fields that several commands print. */
import { z } from "zod";
import { RUN_STATUSES, STAGE_STATUSES } from "../../../lineage/status.ts";

/** First member of every object that is printed: raised when a member changes its meaning or goes away. */
export const Version = z.literal(1).describe("version of this form");
export const RunName = z.string().describe("a run's id: its folder in runs/");
export const Time = z.iso.datetime().describe("UTC, ISO 8601 with milliseconds");
/** Which code: as git names it. */
export const GitPlace = z.object({
  commit: z.string().nullable(),
  branch: z.string().nullable(),
  tag: z.string().nullable(),
  dirty: z.boolean(),
});
export const RunStatus = z.enum(RUN_STATUSES);
export const StageStatus = z.enum(STAGE_STATUSES);
/** Not a list of all there are: a program that reads an older list must not refuse a newer code. */
export const Code = z
  .string()
  .regex(/^[a-z]+\/[a-z0-9-]+$/)
  .describe("area/what, stable; docs/codes.md explains each");

import { z } from "zod";
import { Version } from "./shared/fields.ts";

export const schema = z
  .object({
    steplab: Version,
    objects: z.int().describe("hashed again"),
    bytes: z.int(),
    runs: z.int().describe("with a record"),
    problems: z.array(
      z.object({
        kind: z.enum([
          "damaged-object",
          "missing-object",
          "unreadable-record",
          "changed-file",
          "missing-file",
        ]),
        what: z.string().describe("the object's digest, or a path relative to runs/"),
        affects: z.array(z.string()).describe('"run, stage, role" of everything that needs it'),
        message: z.string(),
      }),
    ),
  })
  .meta({ title: "steplab verify --json, format 1" });

export type VerifyOutput = z.infer<typeof schema>;

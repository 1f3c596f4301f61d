import { z } from "zod";
import { Diagnostic } from "./shared/diagnostic.ts";

export const schema = z
  .array(Diagnostic)
  .meta({ title: "steplab lint --json", description: "Every finding; empty when all is well." });

export type LintOutput = z.infer<typeof schema>;

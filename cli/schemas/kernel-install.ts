import { z } from "zod";
import { Version } from "./shared/fields.ts";

export const schema = z
  .object({
    steplab: Version,
    name: z.literal("steplab").describe("the kernel's name"),
    folder: z.string().describe("absolute path of the kernelspec's folder"),
    spec: z
      .object({
        argv: z.array(z.string()),
        display_name: z.string(),
        language: z.literal("typescript"),
        interrupt_mode: z.literal("message"),
        env: z.record(z.string(), z.string()),
        metadata: z.object({ debugger: z.boolean() }),
      })
      .describe("kernel.json as it was written"),
  })
  .meta({ title: "steplab kernel install --json, format 1" });

export type KernelInstallOutput = z.infer<typeof schema>;

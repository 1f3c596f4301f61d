import { z } from "zod";
import { Version } from "./shared/fields.ts";

export const schema = z
  .object({
    steplab: Version,
    name: z.literal("steplab").describe("the extension's name"),
    version: z.string().describe("the extension's version"),
    folder: z.string().describe("absolute path of the folder that JupyterLab loads"),
  })
  .meta({ title: "steplab lab install --json, format 1" });

export type LabInstallOutput = z.infer<typeof schema>;

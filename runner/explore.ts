/**
 * One notebook that is in no chain (an exploration) as a pipeline of one stage: its inputs are wired by its own
 * `.from("stage.output")`, to what that output last was. It is run, recorded and archived like any other run,
 * so that findings, assumptions and decisions are tied to the data and code they were made on.
 */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Contract } from "../core/contract.ts";
import { hasErrors } from "../core/diagnostic.ts";
import { StepLabError } from "../core/error.ts";
import { readNotebook } from "../core/notebook/index.ts";
import type { Archive } from "../lineage/archive.ts";
import { newestHere } from "../lineage/query/newest.ts";
import { parseWire } from "../pipeline/document/wire.ts";
import type { Pipeline, Stage, Wire } from "../pipeline/pipeline.ts";
import type { Overrides, Verdict } from "./options.ts";
import { resolveParameters } from "./parameters.ts";

/** Judged anew each time: what its inputs are bound to changes with every run. @throws as `judge` */
export async function judgeNotebook(
  projectRoot: string,
  path: string,
  overrides: Overrides,
  archive: Archive,
): Promise<Verdict> {
  const { lint } = await import("../pipeline/lint/index.ts");
  const { readContracts } = await import("../pipeline/contracts.ts");
  const result = await lint(projectRoot, { only: [path], cacheDir: archive.contracts });
  const own = result.diagnostics.filter(({ at }) => at.file === path);
  const source = result.notebooks.get(path);
  const read =
    source &&
    (await readContracts(projectRoot, [source], { cacheDir: archive.contracts })).get(path);
  if (hasErrors(own) || source === undefined || read?.contract == null) {
    throw new StepLabError("lint/errors", `${path} does not lint; nothing was run.`, {
      hint:
        source === undefined
          ? "Is it a notebook that names a template in its metadata?"
          : "Mend it and run again.",
      diagnostics: own,
    });
  }
  const { contract } = read;
  const stage = stageOf(projectRoot, path, contract);
  const pipeline: Pipeline = {
    name: result.pipeline?.name ?? stage.name,
    document: path,
    seed: result.pipeline?.seed ?? 0,
    params: {},
    profiles: [],
    stages: [stage],
  };
  return {
    pipeline,
    order: [stage.name],
    contracts: { [stage.name]: contract },
    params: resolveParameters(pipeline, new Map([[stage.name, contract]]), overrides),
    diagnostics: own,
  };
}

function stageOf(projectRoot: string, path: string, contract: Contract): Stage {
  const { notebook } = readNotebook(readFileSync(join(projectRoot, path), "utf8"), path);
  const description = notebook?.cells.find((cell) => cell.slot === "description")?.source ?? "";
  const name = basename(path, ".ipynb").replaceAll(/[^A-Za-z0-9_-]/g, "-");
  return {
    name,
    title: /^#+\s+(.+)$/m.exec(description)?.[1] ?? name,
    description: description.replace(/^#+\s+.+$/m, "").trim(),
    notebook: path,
    inputs: wiresOf(projectRoot, name, contract),
    params: {},
    after: [],
    timeoutMs: null,
    retries: 0,
    resources: { cpus: 1, memoryBytes: null, gpus: 0 },
    cache: true,
    places: {},
  };
}

/** `.from("collect.listings")` is the newest of that output; `.from("data/x.csv")` a source like in PIPELINE.md. */
function wiresOf(projectRoot: string, stage: string, contract: Contract): Record<string, Wire> {
  const wires: Record<string, Wire> = {};
  for (const [input, port] of Object.entries(contract.inputs)) {
    const from = port.kind === "metric" ? undefined : port.from;
    if (from === undefined) {
      throw new StepLabError(
        "explore/unwired",
        `Input "${input}" of ${stage} does not say where it comes from.`,
        {
          hint: `In an exploration: ${input}: a.${port.kind}(…).from("stage.output")`,
        },
      );
    }
    const wire = parseWire(from);
    if (wire === undefined)
      throw new StepLabError("explore/unwired", `"${from}" is no source for input "${input}".`);
    wires[input] = wire.kind === "output" ? newest(projectRoot, input, wire) : wire;
  }
  return wires;
}

function newest(projectRoot: string, input: string, wire: Wire & { kind: "output" }): Wire {
  const found = newestHere(projectRoot, `${wire.stage}.${wire.output}`);
  if (found === null) {
    throw new StepLabError(
      "explore/no-artifact",
      `No run has made ${wire.stage}.${wire.output} yet, which input "${input}" reads.`,
      {
        hint: `Make it first: npx steplab run --to ${wire.stage}`,
      },
    );
  }
  return { kind: "run", run: found.run, stage: wire.stage, output: wire.output };
}

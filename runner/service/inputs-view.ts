/** What a notebook's inputs would be bound to if it were opened now, and whether that is what a run would give it. */
import { newestHere } from "../../lineage/query/newest.ts";
import type { LintSession } from "../../pipeline/lint/session.ts";
import type { Stage, Wire } from "../../pipeline/pipeline.ts";
import type { KnownPipeline } from "./pipeline-view.ts";
import type { InputView } from "./protocol.ts";

/** Of the first stage that the notebook serves; of an exploration, what it names itself. */
export async function viewInputs(
  projectRoot: string,
  notebook: string,
  known: KnownPipeline,
  lint: LintSession,
): Promise<InputView[]> {
  const name = known.order.find((each) => stageOf(known, each)?.notebook === notebook);
  const stage = name === undefined ? undefined : stageOf(known, name);
  if (name === undefined || stage === undefined)
    return await explored(projectRoot, notebook, lint, known);
  const ports = Object.keys(known.contracts[name]?.inputs ?? stage.inputs);
  return ports.map((port) => {
    const wire = stage.inputs[port];
    return viewInput(projectRoot, port, wire === undefined ? null : textOf(wire), known);
  });
}

async function explored(
  projectRoot: string,
  notebook: string,
  lint: LintSession,
  known: KnownPipeline,
): Promise<InputView[]> {
  const { declared } = await lint.lint({ overlay: new Map(), types: false, reads: false });
  const ports = Object.entries(declared.get(notebook)?.inputs ?? {});
  return ports.map(([name, port]) =>
    viewInput(projectRoot, name, ("from" in port && port.from) || null, known),
  );
}

function viewInput(
  projectRoot: string,
  name: string,
  wire: string | null,
  known: KnownPipeline,
): InputView {
  const producer = /^([A-Za-z][\w-]*)\.[A-Za-z][\w-]*$/.exec(wire ?? "")?.[1];
  const made =
    wire === null || producer === undefined || stageOf(known, producer) === undefined
      ? null
      : newestHere(projectRoot, wire);
  if (made === null) return { name, wire, newest: null, stale: null };
  const { run, endedAt, branch } = made;
  const newest = { run, endedAt, branch };
  return { name, wire, newest, stale: staleness(known, producer ?? "") };
}

function staleness({ sound }: KnownPipeline, producer: string): string | null {
  const found = sound?.outlook.get(producer);
  if (found === undefined || found.state === "fresh") return null;
  return found.state === "waits" ? `${producer} ${found.reason}` : `${producer}: ${found.reason}`;
}

function stageOf({ pipeline }: KnownPipeline, name: string): Stage | undefined {
  return pipeline?.stages.find((each) => each.name === name);
}

/** As PIPELINE.md writes it. */
function textOf(wire: Wire): string {
  switch (wire.kind) {
    case "output":
      return `${wire.stage}.${wire.output}`;
    case "path":
      return wire.path;
    case "glob":
      return wire.pattern;
    case "url":
      return wire.url;
    case "run":
      return `run:${wire.run}/${wire.stage}.${wire.output}`;
  }
}

/**
 * What may stand at the cursor, for the scripts of `steplab completion`: one candidate a line, or one line that
 * hands over to the shell (`:file`, `:folder`). Made from the same tables as parsing. Says nothing rather than
 * something wrong: a completion must never print an error into a half typed line.
 */
import type { Shape } from "../core/shape.ts";
import { listRuns } from "../lineage/query/runs.ts";
import { findProjectRoot } from "../runner/find-project.ts";
import { projectNames, type ProjectNames } from "../runner/project-names.ts";
import type { Command, Completes, Option } from "./command.ts";

type Load = () => Promise<{ command: Command }>;

/** `words`: all after `steplab`, the last one the word at the cursor, perhaps empty. */
export async function complete(
  words: readonly string[],
  commands: Record<string, Load>,
): Promise<string[]> {
  const current = words.at(-1) ?? "";
  try {
    const all = await candidates(words.slice(0, -1), current, commands);
    return all.filter((each) => each.startsWith(":") || each.startsWith(current));
  } catch {
    return [];
  }
}

async function candidates(
  before: readonly string[],
  current: string,
  commands: Record<string, Load>,
): Promise<string[]> {
  const [first, ...rest] = before;
  if (first === undefined && !current.startsWith("-")) return [...Object.keys(commands), "help"];
  if (first === "help") return rest.length === 0 ? Object.keys(commands) : [];
  const isNamed = first !== undefined && first in commands;
  const load = isNamed ? commands[first] : commands["status"];
  if (load === undefined) return [];
  const { command } = await load();
  return await ofCommand(command, isNamed ? rest : before, current, Object.keys(commands));
}

async function ofCommand(
  { options, positionals }: Command,
  before: readonly string[],
  current: string,
  commands: readonly string[],
): Promise<string[]> {
  const inline = /^(--[^=]+=)/.exec(current)?.[1];
  if (inline !== undefined) {
    const option = options[inline.slice(2, -1)];
    const values = await valuesOf(option?.completes, commands);
    return values.map((value) => (value.startsWith(":") ? value : `${inline}${value}`));
  }
  const waiting = optionBefore(options, before.at(-1));
  if (waiting !== null) {
    // `-i stage.input=` is followed by a path.
    if (waiting.completes === "input" && current.includes("=")) return [":file"];
    return await valuesOf(waiting.completes, commands);
  }
  if (current.startsWith("-"))
    return [...Object.keys(options), "help", "debug"].map((name) => `--${name}`);
  const at = before.filter(
    (word, index) => !word.startsWith("-") && optionBefore(options, before[index - 1]) === null,
  ).length;
  return await valuesOf(positionals[at], commands);
}

/** The option whose value the next word is; null when the word before is none, or a flag. */
function optionBefore(options: Command["options"], word: string | undefined): Option | null {
  if (word === undefined || !word.startsWith("-") || word.includes("=")) return null;
  const found = Object.entries(options).find(
    ([name, { short }]) => word === `--${name}` || (short !== undefined && word === `-${short}`),
  );
  return found?.[1].type === "string" ? found[1] : null;
}

async function valuesOf(
  completes: Completes | undefined,
  commands: readonly string[],
): Promise<string[]> {
  if (completes === undefined) return [];
  if (typeof completes !== "string") return [...completes];
  if (completes === "command") return [...commands];
  if (completes === "file" || completes === "document") return [":file"];
  if (completes === "folder") return [":folder"];
  const root = findProjectRoot(process.cwd());
  if (completes === "run") return runWords(root);
  const names = await projectNames(root);
  switch (completes) {
    case "stage":
      return Object.keys(names.stages);
    case "parameter":
      return [...names.params.map((name) => `${name}=`), ...eachOf(names, parameterPlaces)];
    case "input":
      return eachOf(names, ({ inputs }) => inputs.map((name) => `${name}=`));
    case "output":
      return eachOf(names, ({ outputs }) => outputs);
    case "profile":
      return names.profiles;
    case "template":
      return names.templates;
  }
}

function eachOf(
  { stages }: ProjectNames,
  of: (stage: ProjectNames["stages"][string]) => string[],
): string[] {
  return Object.entries(stages).flatMap(([stage, known]) =>
    of(known).map((name) => `${stage}.${name}`),
  );
}

/** `gbdt.trees=` too: `-p` reaches inside objects. */
function parameterPlaces({ parameters }: ProjectNames["stages"][string]): string[] {
  return Object.entries(parameters).flatMap(([name, shape]) => placesIn(name, shape));
}

function placesIn(place: string, shape: Shape | null): string[] {
  if (shape?.type !== "object") return [`${place}=`];
  return Object.entries(shape.fields).flatMap(([name, each]) => placesIn(`${place}.${name}`, each));
}

const RUNS_OFFERED = 20;

function runWords(root: string): string[] {
  const runs = listRuns(root).toReversed().slice(0, RUNS_OFFERED);
  const back = runs.slice(1, 6).map((_, at) => `last~${at + 1}`);
  return runs.length === 0 ? [] : ["last", ...back, ...runs];
}

/** What `run` and `watch` are told alike: which stages, with which values. */
import { resolve } from "node:path";
import { StepLabError } from "../core/error.ts";
import type { RunOptions } from "../runner/options.ts";
import type { Options, Values } from "./command.ts";
import { readOverrides } from "./overrides.ts";

export const RUN_OPTIONS = {
  param: { type: "string", short: "p", multiple: true, completes: "parameter" },
  params: { type: "string", completes: "file" },
  input: { type: "string", short: "i", multiple: true, completes: "input" },
  profile: { type: "string", completes: "profile" },
  from: { type: "string", multiple: true, completes: "stage" },
  to: { type: "string", multiple: true, completes: "stage" },
  only: { type: "string", multiple: true, completes: "stage" },
  seed: { type: "string" },
  jobs: { type: "string" },
  offline: { type: "boolean" },
  server: { type: "string" },
  token: { type: "string" },
  files: { type: "string", completes: ["shared", "contents"] },
} as const satisfies Options;

type Request = Pick<
  RunOptions,
  "overrides" | "inputs" | "select" | "seed" | "jobs" | "offline" | "server"
>;

/** @throws StepLabError `cli/usage` */
export async function runRequest(values: Values<typeof RUN_OPTIONS>): Promise<Request> {
  return {
    overrides: await readOverrides({
      params: values.param ?? [],
      file: values.params,
      profile: values.profile,
    }),
    inputs: readInputs(values.input ?? []),
    select: selection(values),
    seed: wholeNumber("--seed", values.seed, 0),
    jobs: wholeNumber("--jobs", values.jobs, 1),
    offline: values.offline === true,
    server: serverOf(values.server, values.token, values.files),
  };
}

/** The token as Jupyter's own programs take it: said, in the address, or in JUPYTER_TOKEN. */
function serverOf(
  text: string | undefined,
  said: string | undefined,
  files: string | undefined,
): RunOptions["server"] {
  if (text === undefined) {
    if (said === undefined && files === undefined) return null;
    throw new StepLabError(
      "cli/usage",
      `${said === undefined ? "--files" : "--token"} belongs to --server.`,
    );
  }
  if (files !== undefined && files !== "shared" && files !== "contents")
    throw new StepLabError("cli/usage", `--files ${files}: expected "shared" or "contents".`);
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new StepLabError(
      "cli/usage",
      `--server ${text}: that is no address of a Jupyter Server.`,
      {
        hint: "For example: --server http://127.0.0.1:8888/",
      },
    );
  const url = new URL(text);
  const token = said ?? url.searchParams.get("token") ?? process.env["JUPYTER_TOKEN"] ?? "";
  const path = url.pathname.replace(/(?:\/(?:lab|tree|notebooks)(?:\/.*)?)?\/?$/, "/");
  return {
    url: new URL(path, url.origin).href,
    token,
    ...(files !== undefined && { files }),
  };
}

function selection(values: {
  from?: string[];
  to?: string[];
  only?: string[];
}): RunOptions["select"] {
  const { from, to, only } = values;
  return { ...(from && { from }), ...(to && { to }), ...(only && { only }) };
}

function readInputs(words: readonly string[]): Record<string, string> {
  const inputs: Record<string, string> = {};
  for (const word of words) {
    const [, place, path] = /^([^=]+\.[^=]+)=(.+)$/s.exec(word) ?? [];
    if (place === undefined || path === undefined) {
      throw new StepLabError("cli/usage", `-i ${word} is not stage.input=path.`, {
        hint: "For example: -i collect.delivery=data/new.csv",
      });
    }
    inputs[place] = resolve(path);
  }
  return inputs;
}

function wholeNumber(option: string, text: string | undefined, least: number): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new StepLabError(
    "cli/usage",
    `${option} ${text}: expected a whole number, at least ${least}.`,
  );
}

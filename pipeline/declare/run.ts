/** Starts the declaring process, feeds it, and turns its answers, or its death, into one outcome a notebook. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { createInterface } from "node:readline";
import { FROM_SOURCE, ownModule, SOURCE_CONDITION } from "../../core/own-sources.ts";
import type { Contract } from "../../core/contract.ts";
import type { DeclareError, DeclareReply, DeclareRequest } from "./protocol.ts";

export type DeclareOutcome =
  | { outcome: "declared"; contract: Contract }
  | { outcome: "threw"; error: DeclareError }
  | { outcome: "timed-out"; afterMs: number }
  | { outcome: "exited"; how: string; stderr: string };

/**
 * Nothing happened for so long. A declaration needs milliseconds, but a cold disk and a busy machine are not its fault,
 * and 15 s were once too few; the processor's time would be fairer, and no system but Linux tells that of a child.
 */
export const DECLARE_LIMIT_MS = 60_000;

const CHILD = ownModule("pipeline/declare/child");
const STDERR_KEPT = 2000;

/**
 * One outcome for each notebook of the request, in its order. A notebook that hangs or ends the process costs a
 * process; the ones after it get a new one.
 */
export async function runDeclarations(
  request: DeclareRequest,
  limitMs: number = DECLARE_LIMIT_MS,
): Promise<DeclareOutcome[]> {
  const outcomes: DeclareOutcome[] = [];
  while (outcomes.length < request.notebooks.length) {
    const rest = { ...request, notebooks: request.notebooks.slice(outcomes.length) };
    outcomes.push(...(await runOnce(rest, limitMs)));
  }
  return outcomes;
}

/** At least one outcome: the last may be the death of the process. */
async function runOnce(request: DeclareRequest, limitMs: number): Promise<DeclareOutcome[]> {
  const child = spawn(
    process.execPath,
    [
      "--permission",
      "--allow-fs-read=*",
      "--disable-warning=ExperimentalWarning",
      ...(FROM_SOURCE ? [`--conditions=${SOURCE_CONDITION}`] : []),
      CHILD,
    ],
    // No environment: a contract may depend on nothing that its cache key does not hold, and secrets stay out.
    { stdio: ["pipe", "ignore", "pipe", "pipe"], env: { TZ: "UTC" } },
  );
  const [stdin, , errors, replies] = child.stdio as unknown as [Writable, null, Readable, Readable]; // `stdio` above says so, and the types know only three
  let stderr = "";
  errors.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  stdin.on("error", () => {}); // the child may die before it has read all; its exit says so
  stdin.end(JSON.stringify(request));
  const outcomes: DeclareOutcome[] = [];
  let timedOut = false;
  const stop = (): void => {
    timedOut = true;
    child.kill("SIGKILL");
  };
  let timer = setTimeout(stop, limitMs);
  const closed = once(child, "close");
  for await (const line of createInterface({ input: replies })) {
    clearTimeout(timer);
    timer = setTimeout(stop, limitMs);
    const reply = JSON.parse(line) as DeclareReply; // written by child.ts
    if ("begin" in reply) continue;
    outcomes.push(
      "contract" in reply
        ? { outcome: "declared", contract: reply.contract }
        : { outcome: "threw", error: reply.error },
    );
  }
  const [exitCode, signal] = (await closed) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  if (outcomes.length === request.notebooks.length) return outcomes;
  const how = signal ? `signal ${signal}` : `exit code ${exitCode}`;
  outcomes.push(
    timedOut ? { outcome: "timed-out", afterMs: limitMs } : { outcome: "exited", how, stderr },
  );
  return outcomes;
}

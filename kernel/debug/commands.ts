/** What a front end may ask of the debugger: the requests of the Debug Adapter Protocol and Jupyter's own beside them. */
import { messageOf } from "../../core/error.ts";
import type { Content } from "../../core/wire/message.ts";
import { THREAD, type KernelDebugger } from "./debugger.ts";

type Command = (of: KernelDebugger, given: Content) => Content | Promise<Content>;

const COMMANDS: Record<string, Command> = {
  debugInfo: (of) => of.info(),
  initialize: (of) => of.initialize(),
  attach: () => ({}),
  launch: () => ({}),
  configurationDone: () => ({}),
  disconnect: (of) => of.disconnect(),
  terminate: (of) => of.disconnect(),
  dumpCell: (of, { code }) => of.dumpCell(String(code)),
  setBreakpoints: (of, given) => {
    const { path } = (given["source"] ?? {}) as { path?: unknown };
    const asked = (given["breakpoints"] ?? []) as { line?: unknown }[];
    return of.setBreakpoints(
      String(path),
      asked.map(({ line }) => Number(line)),
    );
  },
  setExceptionBreakpoints: (of, { filters }) =>
    of.setExceptionBreakpoints(Array.isArray(filters) ? filters.map(String) : []),
  threads: () => ({ threads: [{ id: THREAD, name: "cells" }] }),
  stackTrace: (of) => of.stackTrace(),
  scopes: (of, { frameId }) => of.scopes(Number(frameId)),
  variables: (of, { variablesReference }) => of.variables(Number(variablesReference)),
  evaluate: (of, { expression, frameId }) => of.evaluate(String(expression), frameOf(frameId)),
  inspectVariables: (of) => of.inspectVariables(),
  richInspectVariables: (of, { variableName, frameId }) =>
    of.richInspect(String(variableName), frameOf(frameId)),
  continue: (of) => of.goOn("resume"),
  next: (of) => of.goOn("stepOver"),
  stepIn: (of) => of.goOn("stepInto"),
  stepOut: (of) => of.goOn("stepOut"),
  pause: (of) => of.pause(),
  modules: (of) => of.modules(),
  source: (of, { source }) => of.source(String((source as { path?: unknown } | undefined)?.path)),
};

/** Answers one request of the Debug Adapter Protocol. Never throws: what went wrong is in the answer. */
export async function answerDebug(of: KernelDebugger, request: Content): Promise<Content> {
  const command = typeof request["command"] === "string" ? request["command"] : "";
  const given = request["arguments"];
  const head = { type: "response", request_seq: request["seq"], seq: of.nextSequence(), command };
  try {
    const handler = COMMANDS[command];
    if (handler === undefined) throw new Error(`The kernel's debugger has no "${command}".`);
    const named = typeof given === "object" && given !== null ? (given as Content) : {};
    return { ...head, success: true, body: await handler(of, named) };
  } catch (error) {
    return { ...head, success: false, message: messageOf(error), body: {} };
  }
}

function frameOf(id: unknown): number | null {
  return typeof id === "number" ? id : null;
}

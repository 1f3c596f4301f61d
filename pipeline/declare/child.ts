/**
 * Declare mode: evaluates imports and declarations of notebooks and reports the contracts they make.
 *
 * Runs in a process of its own under Node's permission model: files may be read, nothing written, no network,
 * no child processes, no addons, no environment. Therefore it imports nothing but types and Node's own modules,
 * and answers on a descriptor of its own: user code may print what it likes.
 */
import { readFileSync, writeSync } from "node:fs";
import { registerHooks } from "node:module";
import { Socket } from "node:net";
import type { Contract } from "../../core/contract.ts";
import { HOST_SYMBOL, HOST_VERSION, HOST_VERSION_SYMBOL, type Host } from "../../core/host.ts";
import {
  REPLY_DESCRIPTOR,
  type DeclareError,
  type DeclareReply,
  type DeclareRequest,
} from "./protocol.ts";

const request = JSON.parse(readFileSync(0, "utf8")) as DeclareRequest; // written by run.ts
const VIRTUAL = "steplab-declare";

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier.startsWith(`${VIRTUAL}:`)) {
      const index = Number(specifier.slice(VIRTUAL.length + 1));
      // The notebook's own address with a query: relative imports resolve from the notebook.
      return { url: `${request.notebooks[index]?.url}?${VIRTUAL}=${index}`, shortCircuit: true };
    }
    try {
      return nextResolve(specifier, context);
    } catch (error) {
      // A project that has not installed "steplab" gets this one, as in the kernel.
      const { code } = error as NodeJS.ErrnoException; // Node sets it on what it throws here
      if (code !== "ERR_MODULE_NOT_FOUND" || !/^steplab(?:\/|$)/.test(specifier)) throw error;
      return nextResolve(specifier, { ...context, parentURL: import.meta.url });
    }
  },
  load(url, context, nextLoad) {
    const index = new RegExp(`\\?${VIRTUAL}=(\\d+)$`).exec(url)?.[1];
    const source =
      index === undefined ? request.modules[url] : request.notebooks[Number(index)]?.source;
    return source === undefined
      ? nextLoad(url, context)
      : { source, format: "module", shortCircuit: true };
  },
});

/** The first Node whose permission model knows the network. */
const NETWORK_PERMISSION = 25;
if (Number.parseInt(process.versions.node, 10) < NETWORK_PERMISSION)
  Socket.prototype.connect = () => {
    const message =
      "Access to this API has been restricted. Use --allow-net to manage permissions."; // Node's own words
    throw Object.assign(new Error(message), { code: "ERR_ACCESS_DENIED" });
  };

const parts: Contract[] = [];
const scope = globalThis as Record<symbol, unknown>; // symbols are not in the type of globalThis
scope[HOST_SYMBOL] = declareHost((part) => Object.assign(parts.at(-1) ?? {}, part));
scope[HOST_VERSION_SYMBOL] = HOST_VERSION;

for (const index of request.notebooks.keys()) {
  const contract: Contract = { parameters: {}, inputs: {}, outputs: {} };
  parts.push(contract);
  reply({ begin: index });
  try {
    await import(`${VIRTUAL}:${index}`);
    reply({ end: index, contract });
  } catch (error) {
    reply({ end: index, error: describeError(error) });
  }
}
process.exit(0); // whatever timers and sockets a module left open: nobody waits for them

function reply(message: DeclareReply): void {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(REPLY_DESCRIPTOR, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error; // the pipe is full until the parent reads
    }
  }
}

/** Inert but for `declare`: declarations bind to nothing, and what a module shows while it loads is nobody's. */
function declareHost(declare: NonNullable<Host["declare"]>): Host {
  const unavailable = (what: string) => (): never => {
    throw new Error(`${what} is not available while declarations are evaluated alone.`);
  };
  return {
    version: HOST_VERSION,
    steplab: "declare",
    bindings: null,
    notebookUrl: "file:///",
    bind: unavailable("bind"),
    display() {},
    clearOutput() {},
    emit() {},
    protect() {},
    prompt: unavailable("prompt"),
    onCellEnd() {},
    onSettle() {},
    settle: () => Promise.resolve(),
    declare,
    random: Math.random,
    cell: { id: null, count: 0 },
  };
}

function describeError(error: unknown): DeclareError {
  if (!(error instanceof Error))
    return { name: "Error", message: `a ${typeof error} was thrown: ${String(error)}`, frames: [] };
  const cause = error.cause instanceof Error ? error.cause : undefined; // fetch says why in its cause only
  const code = (error as NodeJS.ErrnoException).code ?? (cause as NodeJS.ErrnoException)?.code;
  return {
    name: error.name,
    message: cause ? `${error.message}: ${cause.message}` : error.message,
    ...(typeof code === "string" && { code }),
    ...("hint" in error && typeof error.hint === "string" && { hint: error.hint }),
    frames: framesOf(error.stack ?? ""),
  };
}

function framesOf(stack: string): DeclareError["frames"] {
  return [...stack.matchAll(/(file:\/\/[^\s)]+?):(\d+):(\d+)\)?$/gm)].map(
    ([, url = "", line, column]) => ({ url, line: Number(line), column: Number(column) }),
  );
}

/** One entry a request type: what this kernel answers besides executing cells. */
import { STEPLAB_KERNELSPEC } from "../../core/notebook/kernelspec.ts";
import type { Content, Message } from "../../core/wire/message.ts";
import { PROTOCOL_VERSION } from "../../core/wire/message.ts";
import type { TypesService } from "../types/service.ts";
import type { Answers } from "./answers.ts";
import { complete, inspect } from "./assist.ts";
import type { DebugLink } from "./debug-link.ts";
import type { Comms } from "./comms.ts";
import { numberIn, textIn } from "./fields.ts";
import type { Executions } from "./executions.ts";
import type { MemoryLimit } from "./memory.ts";
import type { Request, Wire } from "./wire.ts";

/** What requests are answered with. */
export interface KernelParts {
  readonly wire: Wire;
  readonly executions: Executions;
  readonly comms: Comms;
  readonly answers: Answers;
  readonly memory: MemoryLimit;
  readonly types: TypesService;
  readonly debug: DebugLink;
  /** The package's version. */
  readonly version: string;
  /** Ends the process in order: main exits with code 0. */
  shutDown(): void;
  /** Main is exiting and waits: sends everything, closes the sockets, lets it go. */
  closeForExit(): Promise<void>;
}

type Handler = (parts: KernelParts, message: Message) => Content | null | Promise<Content | null>;

/** Null: the request has no reply. */
const HANDLERS: Record<string, Handler> = {
  kernel_info_request: ({ version }) => kernelInfo(version),
  is_complete_request: async (_parts, { content }) => {
    // Loaded when first asked for: headless runs never ask.
    const { isComplete } = await import("./is-complete.ts");
    return isComplete(textIn(content, "code"));
  },
  complete_request: ({ executions, answers, types }, { content }) => {
    const code = textIn(content, "code");
    const cursor = numberIn(content, "cursor_pos", 0);
    return complete({ types, values: executions.isBusy ? null : answers }, { code, cursor });
  },
  inspect_request: ({ executions, answers, types }, { content }) => {
    const code = textIn(content, "code");
    const cursor = numberIn(content, "cursor_pos", 0);
    const detail = numberIn(content, "detail_level", 0);
    return inspect({ types, values: executions.isBusy ? null : answers }, { code, cursor, detail });
  },
  history_request: ({ executions }, { content }) => executions.history.answer(content),
  comm_info_request: ({ comms }, { content }) => comms.info(content["target_name"]),
  debug_request: ({ debug }, { content }) => debug.answer(content),
  interrupt_request: ({ executions }) => {
    executions.interrupt();
    return { status: "ok" };
  },
  shutdown_request: (_parts, { content }) => ({
    status: "ok",
    restart: content["restart"] === true,
  }),
};

export function answerRequest(
  parts: KernelParts,
  request: Request,
  channel: "shell" | "control",
): void {
  const type = request.message.header.msg_type;
  if (type === "execute_request") {
    parts.executions.add(request);
  } else {
    answer(parts, request, channel).catch((error: unknown) => {
      throw error; // a handler's own failure is our bug: it ends the kernel with its reason
    });
  }
}

async function answer(
  parts: KernelParts,
  request: Request,
  channel: "shell" | "control",
): Promise<void> {
  const { wire } = parts;
  const { header } = request.message;
  wire.publish("status", header, { execution_state: "busy" });
  const type = header.msg_type;
  if (type.startsWith("comm_") && type !== "comm_info_request") {
    await parts.comms.handle(request);
  } else {
    // An unknown request gets busy and idle, no reply: clients wait for what they know.
    const content = (await HANDLERS[type]?.(parts, request.message)) ?? null;
    if (content) {
      const reply = type.replace(/_request$/, "_reply");
      wire.send(wire[channel], request.identities, header, reply, content);
      if (type === "shutdown_request") wire.publish(reply, header, content);
    }
  }
  wire.publish("status", header, { execution_state: "idle" });
  if (type === "shutdown_request") parts.shutDown();
}

function kernelInfo(version: string): Content {
  return {
    status: "ok",
    protocol_version: PROTOCOL_VERSION,
    implementation: "steplab",
    implementation_version: version,
    language_info: STEPLAB_KERNELSPEC.language_info,
    banner: `steplab ${version}: TypeScript on Node ${process.versions.node}`,
    debugger: true,
    supported_features: ["debugger"],
    help_links: [
      { text: "TypeScript", url: "https://www.typescriptlang.org/docs/" },
      { text: "Node", url: `https://nodejs.org/docs/v${process.versions.node}/api/` },
    ],
  };
}

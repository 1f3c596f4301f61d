/** Takes what cells produce out of the ring and publishes it, in order. */
import type { Content } from "../../core/wire/message.ts";
import { splitRecord } from "../link/messages.ts";
import type { RingItem, RingReader } from "../link/ring.ts";
import { MESSAGE, STDOUT } from "../link/ring.ts";
import { textIn } from "./fields.ts";
import type { KernelParts } from "./requests.ts";

export async function forwardOutputs(ring: RingReader, parts: KernelParts): Promise<void> {
  for (;;) {
    await ring.ready();
    for (const item of ring.read()) await forward(item, parts);
    // A client slower than the cell: leave the rest in the ring, where it stops the cell.
    await parts.wire.published();
    // In a flood none of the above leaves the microtasks, and an interrupt would wait on its socket.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function forward(item: RingItem, parts: KernelParts): Promise<void> {
  const { wire, executions, comms } = parts;
  const parent = executions.parentOf(item.cell);
  if (item.kind !== MESSAGE) {
    const name = item.kind === STDOUT ? "stdout" : "stderr";
    wire.publish("stream", parent, { name, text: item.bytes.toString() });
    return;
  }
  const { type, metadata, content } = splitRecord(item.bytes);
  switch (type) {
    case "execute_reply":
      await executions.finish(item.cell, parse(metadata), parse(content));
      return;
    case "fact":
      comms.tellFact(parent, content);
      return;
    case "answer":
      parts.answers.settle(parse(content));
      return;
    case "input_request":
      askClient(item.cell, parse(content), parts);
      return;
    case "exit":
      await parts.closeForExit();
      return;
    case "execute_result":
      executions.setOutput(item.cell, plainTextOf(parse(content)));
      wire.publishBytes(type, parent, metadata, content);
      return;
    default:
      wire.publishBytes(type, parent, metadata, content);
  }
}

/** `prompt` in a cell: the question goes to the client that sent the cell, on the stdin channel. */
function askClient(cell: number, content: Content, { wire, executions }: KernelParts): void {
  const request = executions.requestOf(cell);
  if (!request) return;
  wire.send(wire.stdin, request.identities, request.message.header, "input_request", content);
}

function plainTextOf(content: Content): string {
  return textIn(content["data"] as Content, "text/plain"); // made by kernel/results.ts
}

function parse(json: Buffer): Record<string, unknown> {
  return JSON.parse(json.toString()) as Record<string, unknown>; // written by encodeRecord
}

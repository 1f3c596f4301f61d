/** Takes what cells produce out of the ring and publishes it, in order. */
import type { Content } from "../../core/wire/message.ts";
import { splitRecord } from "../link/messages.ts";
import type { RingItem, RingReader } from "../link/ring.ts";
import { MESSAGE, STDOUT } from "../link/ring.ts";
import { numberIn, textIn } from "./fields.ts";
import { Redaction } from "./redaction.ts";
import type { KernelParts } from "./requests.ts";

/** The other half of a secret that is printed in two parts follows sooner; then what was held back is shown. */
const HOLD_MS = 50;

export async function forwardOutputs(ring: RingReader, parts: KernelParts): Promise<void> {
  const redaction = new Redaction();
  for (;;) {
    const release = redaction.isHolding
      ? setTimeout(() => publishHeld(redaction, parts), HOLD_MS)
      : undefined;
    await ring.ready();
    clearTimeout(release);
    for (const item of ring.read()) await forward(item, redaction, parts);
    // A client slower than the cell: leave the rest in the ring, where it stops the cell.
    await parts.wire.published();
    // In a flood none of the above leaves the microtasks, and an interrupt would wait on its socket.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function forward(item: RingItem, redaction: Redaction, parts: KernelParts): Promise<void> {
  const { wire, executions, comms } = parts;
  const parent = executions.parentOf(item.cell);
  if (item.kind !== MESSAGE) {
    const name = item.kind === STDOUT ? "stdout" : "stderr";
    const text = redaction.stream({ cell: item.cell, name, text: item.bytes.toString() });
    if (text !== "") wire.publish("stream", parent, { name, text });
    return;
  }
  const { type, ...told } = splitRecord(item.bytes);
  if (type === "secret") {
    const secret = parse(told.content);
    redaction.add(textIn(secret, "name"), textIn(secret, "value"));
    return;
  }
  if (type === "memory") {
    parts.memory.set(numberIn(parse(told.content), "limitBytes", Number.POSITIVE_INFINITY));
    return;
  }
  const [metadata, content] = [redaction.json(told.metadata), redaction.json(told.content)];
  switch (type) {
    case "execute_reply":
      publishHeld(redaction, parts, item.cell);
      await parts.debug.cellEnded();
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

/** Before a cell's `idle`, or when nothing follows: what was held back was no secret. */
function publishHeld(redaction: Redaction, parts: KernelParts, cell?: number): void {
  for (const { cell: from, name, text } of redaction.release(cell))
    parts.wire.publish("stream", parts.executions.parentOf(from), { name, text });
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

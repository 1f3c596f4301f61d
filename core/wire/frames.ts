/**
 * Messages to ZeroMQ frames and back (Jupyter protocol, "The wire protocol").
 *
 *     identities… | <IDS|MSG> | signature | header | parent_header | metadata | content | buffers…
 *
 * The signature is HMAC-SHA256 over the four JSON frames as they stand, keyed with the connection
 * file's key: whoever cannot read that file (mode 0600) cannot make this kernel run code.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { StepLabError } from "../error.ts";
import type { Message } from "./message.ts";

const DELIMITER = Buffer.from("<IDS|MSG>");
const JSON_FRAMES = 4;

/** @param key the connection file's `key`; empty means unsigned, as the protocol allows. */
export function encodeMessage(
  message: Message,
  key: string,
  identities: readonly Uint8Array[] = [],
): Buffer[] {
  const { header, parent_header, metadata, content } = message;
  return encodeParts(
    [header, parent_header, metadata, content].map((part) => Buffer.from(JSON.stringify(part))),
    key,
    identities,
    message.buffers,
  );
}

/** The same for parts that are JSON bytes already: a kernel forwards a cell's outputs without parsing them again. */
export function encodeParts(
  json: readonly Uint8Array[],
  key: string,
  identities: readonly Uint8Array[] = [],
  buffers: readonly Uint8Array[] = [],
): Buffer[] {
  const signature = Buffer.from(signatureOf(json, key));
  return [...identities, DELIMITER, signature, ...json, ...buffers].map(asBuffer);
}

export interface Decoded {
  /** The routing prefix: sockets that answer (ROUTER) must send it back. */
  identities: Buffer[];
  message: Message;
}

/** @throws StepLabError `wire/invalid-message` or `wire/bad-signature`. */
export function decodeFrames(frames: readonly Uint8Array[], key: string): Decoded {
  const buffers = frames.map(asBuffer);
  const at = buffers.findIndex((frame) => frame.equals(DELIMITER));
  if (at < 0 || buffers.length < at + 2 + JSON_FRAMES) {
    throw new StepLabError(
      "wire/invalid-message",
      `A message of ${frames.length} frames has no ${at < 0 ? "delimiter <IDS|MSG>" : "complete body"}.`,
    );
  }
  const json = buffers.slice(at + 2, at + 2 + JSON_FRAMES);
  verify(buffers[at + 1], json, key);
  const [header, parent_header, metadata, content] = json.map(parse);
  return {
    identities: buffers.slice(0, at),
    // The signature vouches for the sender; the protocol's own schema is theirs to keep.
    message: {
      header,
      parent_header,
      metadata,
      content,
      buffers: buffers.slice(at + 2 + JSON_FRAMES),
    } as unknown as Message,
  };
}

function verify(signature: Buffer | undefined, json: readonly Buffer[], key: string): void {
  if (key === "") return;
  const expected = Buffer.from(signatureOf(json, key));
  // Constant time: a prefix that matches must not answer faster than one that does not.
  const equal = signature?.length === expected.length && timingSafeEqual(signature, expected);
  if (!equal) {
    throw new StepLabError("wire/bad-signature", "A message's signature does not fit the key.");
  }
}

function signatureOf(json: readonly Uint8Array[], key: string): string {
  if (key === "") return "";
  const hmac = createHmac("sha256", key);
  for (const part of json) hmac.update(part);
  return hmac.digest("hex");
}

function parse(frame: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(frame.toString());
  } catch (cause) {
    throw new StepLabError("wire/invalid-message", "A message's frame is not JSON.", { cause });
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new StepLabError("wire/invalid-message", "A message's frame is not a JSON object.");
  }
  return value as Record<string, unknown>; // checked just above
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

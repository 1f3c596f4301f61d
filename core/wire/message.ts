/** A Jupyter message as a value: what both ends of the wire, the kernel's worker and the runner's client, speak. */
import { randomUUID } from "node:crypto";

/** The protocol's version that every header says. 5.5: `iopub_welcome` (JEP 65). */
export const PROTOCOL_VERSION = "5.5";

export interface Header {
  msg_id: string;
  msg_type: string;
  /** Of the client (requests) or the kernel (everything it makes); one a process. */
  session: string;
  username: string;
  /** ISO 8601, UTC. */
  date: string;
  version: string;
}

/** `parent_header` is empty for messages that answer nothing. */
export type ParentHeader = Header | Record<string, never>;

export type Content = Record<string, unknown>;

export interface Message {
  header: Header;
  parent_header: ParentHeader;
  metadata: Record<string, unknown>;
  content: Content;
  /** Binary parts, as they came: comms carry typed arrays here. */
  buffers: Uint8Array[];
}

/** A header with an id and a time of its own (Jupyter messaging 5.5, "Message header"). */
export function newHeader(type: string, session: string, username = "steplab"): Header {
  return {
    msg_id: randomUUID(),
    msg_type: type,
    session,
    username,
    date: new Date().toISOString(),
    version: PROTOCOL_VERSION,
  };
}

/** A whole message; what is left out is empty. */
export function newMessage(
  type: string,
  session: string,
  content: Content,
  rest: Partial<Pick<Message, "parent_header" | "metadata" | "buffers">> = {},
): Message {
  return {
    header: newHeader(type, session),
    parent_header: rest.parent_header ?? {},
    metadata: rest.metadata ?? {},
    content,
    buffers: rest.buffers ?? [],
  };
}

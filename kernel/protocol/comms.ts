/**
 * Comms: named two-way channels beside the cells.
 *
 * All targets are answered here, on the worker: JupyterLab's back end must answer while a cell
 * computes. A target is one entry of `targetsOf`; an unknown one is closed at once, as the protocol says.
 */
import { basename } from "node:path";
import { FACTS_TARGET } from "../../core/host.ts";
import { PROJECT_TARGET, SERVICE_SESSION } from "../../core/project-comm.ts";
import type { Content, ParentHeader } from "../../core/wire/message.ts";
import { replyTo, TYPES_TARGET } from "../types/comm.ts";
import type { TypesService } from "../types/service.ts";
import { textIn } from "./fields.ts";
import { ProjectLink } from "./project-link.ts";
import type { Request, Wire } from "./wire.ts";

interface Target {
  /** Answers an open or a message of a client on comm `id`; null sends nothing back. */
  onMessage?(
    data: unknown,
    buffers: Uint8Array[],
    id: string,
  ): Answer | null | Promise<Answer | null>;
  /** The client closed its comm. */
  onClose?(id: string): void;
}

interface Answer {
  data: unknown;
  buffers?: Uint8Array[];
}

function targetsOf(types: TypesService, project: ProjectLink): Record<string, Target> {
  return {
    /** Sends back what it was sent: tells a client that the worker lives, and how far away it is. */
    "steplab.ping": { onMessage: (data, buffers) => ({ data, buffers }) },
    /** Told facts; says nothing to what clients send. */
    [FACTS_TARGET]: {},
    /** Diagnostics, completion, hover and signatures in the notebook that a front end shows. */
    [TYPES_TARGET]: {
      onMessage: async (data) => {
        if (isEmpty(data)) return null; // an open that asks nothing yet
        return { data: await replyTo(data, (question) => types.ask({ about: "comm", question })) };
      },
    },
    /** Handed on to the service of the project around this kernel, which replies and tells when it likes. */
    [PROJECT_TARGET]: {
      onMessage: (data, _buffers, id) => {
        if (!isEmpty(data)) project.send({ client: id, data });
        return null;
      },
      onClose: (id) => project.send({ client: id, closed: true }),
    },
  };
}

function isEmpty(data: unknown): boolean {
  return typeof data === "object" && data !== null && Object.keys(data).length === 0;
}

export class Comms {
  readonly #wire: Wire;
  readonly #targets: Record<string, Target>;
  /** Comm id to target name. */
  readonly #open = new Map<string, string>();

  readonly #project: ProjectLink;

  constructor(wire: Wire, types: TypesService) {
    this.#wire = wire;
    this.#project = new ProjectLink(({ client, data }) => {
      if (this.#open.has(client)) wire.publish("comm_msg", {}, { comm_id: client, data });
    });
    if (basename(process.env["JPY_SESSION_NAME"] ?? "") === SERVICE_SESSION) this.#project.open();
    this.#targets = targetsOf(types, this.#project);
  }

  /** Ends the project's service, if one was asked for. */
  close(): void {
    this.#project.close();
  }

  async handle({ message }: Request): Promise<void> {
    const { header, content, buffers } = message;
    const id = textIn(content, "comm_id");
    if (header.msg_type === "comm_close") {
      this.#targets[this.#open.get(id) ?? ""]?.onClose?.(id);
      this.#open.delete(id);
      return;
    }
    if (header.msg_type === "comm_open") this.#open.set(id, textIn(content, "target_name"));
    const target = this.#targets[this.#open.get(id) ?? ""];
    if (!target) {
      this.#open.delete(id);
      this.#wire.publish("comm_close", header, { comm_id: id, data: {} });
      return;
    }
    const answer = await target.onMessage?.(content["data"], buffers, id);
    if (answer) {
      const { data } = answer;
      const rest = answer.buffers ? { buffers: answer.buffers } : {};
      this.#wire.publish("comm_msg", header, { comm_id: id, data }, rest);
    }
  }

  /** Tells a fact on every comm that was opened for facts; nobody there: it is dropped. */
  tellFact(parent: ParentHeader, fact: Buffer): void {
    for (const [id, target] of this.#open) {
      if (target !== FACTS_TARGET) continue;
      const content = Buffer.from(`{"comm_id":${JSON.stringify(id)},"data":${fact.toString()}}`);
      this.#wire.publishBytes("comm_msg", parent, Buffer.from("{}"), content);
    }
  }

  info(target: unknown): Content {
    const comms: Record<string, { target_name: string }> = {};
    for (const [id, name] of this.#open) {
      if (target === undefined || target === null || target === name)
        comms[id] = { target_name: name };
    }
    return { status: "ok", comms };
  }
}

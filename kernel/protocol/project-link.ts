/**
 * The way to the service of the project around this kernel (`steplab __service`): a process of its own, because it
 * lints, watches and starts runs, and a kernel must stay small and answer at once. Started by the first question, as
 * most kernels are never asked any; at once by the kernel of the session that is there for it.
 */
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { messageOf } from "../../core/error.ts";
import { STEPLAB_ROOT } from "../../core/own-sources.ts";
import type { FromService, ToService } from "../../core/project-comm.ts";
import { logTrouble } from "../link/log.ts";

export class ProjectLink {
  readonly #onLine: (line: FromService) => void;
  /** Questions that have no reply yet: who asked them, and their ids. */
  readonly #open = new Map<string, Set<number>>();
  #service: ChildProcess | null = null;

  /** @param onLine told what the service says, for the comm that it names */
  constructor(onLine: (line: FromService) => void) {
    this.#onLine = onLine;
  }

  send(line: ToService): void {
    if ("closed" in line) {
      this.#open.delete(line.client);
      if (this.#service === null) return;
    } else {
      const id = numberIn(line.data, "id");
      const open = this.#open.get(line.client) ?? new Set();
      if (id !== undefined) this.#open.set(line.client, open.add(id));
    }
    this.open().stdin?.write(`${JSON.stringify(line)}\n`);
  }

  open(): ChildProcess {
    return (this.#service ??= this.#start());
  }

  close(): void {
    this.#service?.kill();
    this.#service = null;
  }

  #start(): ChildProcess {
    // Loaded when it is wanted: every kernel's start would pay for what few kernels do.
    const { spawn } = process.getBuiltinModule("node:child_process");
    const { createInterface } = process.getBuiltinModule("node:readline");
    const service = spawn(
      process.execPath,
      [join(STEPLAB_ROOT, "bin", "steplab.js"), "__service"],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    service.on("error", (error) => this.#gone(service, messageOf(error)));
    service.on("exit", (code, signal) =>
      this.#gone(service, `it ended with ${signal ?? `exit code ${code}`}`),
    );
    service.stdin.on("error", () => {}); // it is gone, which its exit tells
    createInterface({ input: service.stdout }).on("line", (text) => {
      const line = JSON.parse(text) as FromService; // written by `runner/service/serve.ts`
      const id = numberIn(line.data, "id");
      if (id !== undefined) this.#open.get(line.client)?.delete(id);
      this.#onLine(line);
    });
    return service;
  }

  /** Nobody waits for ever: what was asked is answered with an error, and the next question starts it again. */
  #gone(service: ChildProcess, reason: string): void {
    if (this.#service !== service) return;
    this.#service = null;
    logTrouble(`the project's service is gone: ${reason}`);
    const error = { code: "service/stopped", message: `The project's service is gone: ${reason}.` };
    for (const [client, ids] of this.#open)
      for (const id of ids) this.#onLine({ client, data: { id, error } });
    this.#open.clear();
  }
}

function numberIn(data: unknown, name: string): number | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const value = (data as Record<string, unknown>)[name];
  return typeof value === "number" ? value : undefined;
}

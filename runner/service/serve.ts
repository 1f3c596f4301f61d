/**
 * The service as a process: lines of JSON on its standard streams (`core/project-comm.ts`), until the input ends.
 * A kernel starts it in the folder of its notebook, and hands on what comes over the comm `steplab.project`.
 */
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { FromService, ToService } from "../../core/project-comm.ts";
import { ProjectService } from "./project-service.ts";

export async function serve(input: Readable, output: Writable, cwd: string): Promise<void> {
  await using service = new ProjectService(cwd, (client, data) => {
    output.write(`${JSON.stringify({ client, data } satisfies FromService)}\n`);
  });
  for await (const line of createInterface({ input })) {
    const message = JSON.parse(line) as ToService; // written by the kernel's worker alone
    if ("closed" in message) service.close(message.client);
    else void service.take(message.client, message.data);
  }
}

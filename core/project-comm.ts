/**
 * The comm `steplab.project`: how a front end reaches the service of the project around a kernel.
 *
 * Kernel and service know only this of each other: lines of JSON over the service's standard streams, each with the
 * comm it came from or goes to. What the data says is between front end and service (`runner/service/protocol.ts`).
 */
export const PROJECT_TARGET = "steplab.project";

/** Name of the hidden session whose kernel is there for this comm alone: it starts the service unasked. */
export const SERVICE_SESSION = "steplab.service";

/** A line to the service. */
export type ToService =
  | { client: string; data: unknown }
  /** The front end closed its comm, or is gone: nothing more is told to it. */
  | { client: string; closed: true };

/** A line of the service. */
export interface FromService {
  client: string;
  data: unknown;
}

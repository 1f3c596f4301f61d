/** `inputs` and `outputs`: what a stage reads and writes, as handles whose types follow their kinds. */
import type { Port } from "../../core/contract.ts";
import { forgetBindings } from "../bind.ts";
import { declareOutputs } from "../publish.ts";
import { currentSession } from "../session.ts";
import { demandNames } from "./names.ts";

/** A kind of artifact that can be read: `a.table(…)`, `a.json(…)`, … */
export interface InputKind<Handle> {
  readonly port: Port;
  input(name: string): Handle;
}

/** A kind of artifact that can be written; metrics are written and never read. */
export interface OutputKind<Handle> {
  readonly port: Port;
  output(name: string): Handle;
}

type InputHandles<T> = { readonly [K in keyof T]: T[K] extends InputKind<infer H> ? H : never };
type OutputHandles<T> = { readonly [K in keyof T]: T[K] extends OutputKind<infer H> ? H : never };

/**
 * Declares what the stage reads: `const input = inputs({ listings: a.table(RawListing) })`.
 * Nothing is opened before a handle is asked: `await input.listings.read()`.
 *
 * @throws StepLabError `contract/invalid-name`
 */
export function inputs<T extends Record<string, InputKind<unknown>>>(kinds: T): InputHandles<T> {
  demandNames("input", kinds);
  const session = currentSession();
  session.host?.declare?.({ inputs: portsOf(kinds) });
  forgetBindings(session);
  const handles = Object.entries(kinds).map(([name, kind]) => [name, kind.input(name)]);
  return Object.freeze(Object.fromEntries(handles)) as InputHandles<T>; // made from the same entries
}

/**
 * Declares what the stage writes: `const output = outputs({ listings: a.table(Listing) })`.
 *
 * @throws StepLabError `contract/invalid-name`
 */
export function outputs<T extends Record<string, OutputKind<unknown>>>(kinds: T): OutputHandles<T> {
  demandNames("output", kinds);
  const session = currentSession();
  session.host?.declare?.({ outputs: portsOf(kinds) });
  if (session.mode !== "declare") declareOutputs(session, portsOf(kinds));
  const handles = Object.entries(kinds).map(([name, kind]) => [name, kind.output(name)]);
  return Object.freeze(Object.fromEntries(handles)) as OutputHandles<T>; // as above
}

function portsOf(kinds: Record<string, { port: Port }>): Record<string, Port> {
  return Object.fromEntries(Object.entries(kinds).map(([name, { port }]) => [name, port]));
}

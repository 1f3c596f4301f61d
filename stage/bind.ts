/** From an input's name to the artifact bound to it: by the runner, or in JupyterLab to the newest there is. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Port } from "../core/contract.ts";
import { StepLabError } from "../core/error.ts";
import type { InputBinding } from "../core/host.ts";
import { currentSession, type Session } from "./session.ts";

const bound = new WeakMap<Session, Map<string, Promise<InputBinding>>>();
const read = new WeakMap<Session, Map<string, InputBinding>>();

/**
 * Where an input's value lies. Asked once an input; the answer stays until the inputs are declared again,
 * so that a notebook never sees two versions of one input by accident.
 *
 * @throws StepLabError `input/not-bound`, `input/wrong-kind`
 */
export function bindingOf(name: string, port: Port): Promise<InputBinding> {
  const session = currentSession();
  const known = bound.get(session) ?? new Map<string, Promise<InputBinding>>();
  bound.set(session, known);
  const binding = known.get(name) ?? find(session, name, port);
  known.set(name, binding);
  binding.catch(() => known.delete(name)); // what could not be bound may be made in the meantime
  return binding;
}

/** In JupyterLab running the inputs cell again binds anew: to what is newest by then. */
export function forgetBindings(session: Session): void {
  if (!session.publishes) bound.delete(session);
}

/** The inputs that were read so far, by name: what a note was made on, where it does not say. */
export function inputsRead(session: Session): ReadonlyMap<string, InputBinding> {
  return read.get(session) ?? new Map();
}

async function find(session: Session, name: string, port: Port): Promise<InputBinding> {
  const binding = session.bindings?.inputs[name] ?? (await newest(session, name, port));
  if (binding === null) throw notBound(session, name);
  const fitting = ofKind(binding, name, port);
  const known = read.get(session) ?? new Map<string, InputBinding>();
  read.set(session, known.set(name, fitting));
  return fitting;
}

async function newest(session: Session, name: string, port: Port): Promise<InputBinding | null> {
  if (session.publishes) return null;
  const { bindNewest } = await import("./interactive/bind-newest.ts");
  return bindNewest(session, name, port);
}

function notBound(session: Session, name: string): StepLabError {
  const message = `Nothing is bound to the input "${name}".`;
  if (!session.publishes && session.host && !existsSync(fileURLToPath(session.host.notebookUrl))) {
    return new StepLabError("input/not-bound", message, {
      hint: "This front end did not say which notebook it executes (nbclient and papermill do not), so PIPELINE.md cannot be asked. Set the environment variable STEPLAB_NOTEBOOK to the notebook's path.",
    });
  }
  return new StepLabError("input/not-bound", message, {
    hint: `Wire it in PIPELINE.md (inputs: { ${name}: <stage>.<output> }), or name its source: a.table(…).from("<stage>.<output>"). In JupyterLab the stage that makes it must have run once: npx steplab run`,
  });
}

/** A Parquet file from outside is bound as a file; a declared table reads it all the same. */
function ofKind(binding: InputBinding, name: string, port: Port): InputBinding {
  if (binding.kind === port.kind) return binding;
  if (binding.kind === "file" && (port.kind === "table" || port.kind === "json")) return binding;
  throw new StepLabError(
    "input/wrong-kind",
    `The input "${name}" is declared as a ${port.kind}; what is bound to it is a ${binding.kind}.`,
  );
}

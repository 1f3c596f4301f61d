/**
 * A stage's contract as plain data: its parameters, inputs and outputs.
 *
 * Made from the three declaration cells (declare mode, `stage/contract/`), compared across stages by
 * `pipeline/`, used by the runner to bind, decode and publish, and written into `.store/contracts`.
 */
import type { Columns, Shape } from "./shape.ts";

export type Port =
  | { kind: "table"; columns: Columns; from?: string } // `from`: an explore notebook's own wiring
  | { kind: "json"; shape: Shape; from?: string }
  | { kind: "file"; media?: string; from?: string }
  | { kind: "folder"; media?: string; min?: number; max?: number; from?: string }
  | { kind: "model"; input: Columns; output: Columns; from?: string }
  | { kind: "metric"; goal: "min" | "max"; unit?: string };

export type PortKind = Port["kind"];

export interface Contract {
  parameters: Record<string, Shape>;
  inputs: Record<string, Port>;
  outputs: Record<string, Port>;
}

/** The tags of the slots that hold declarations, in the order of a notebook. */
export const DECLARATION_SLOTS = ["parameters", "inputs", "outputs"] as const;

/**
 * What parameters, inputs and outputs may be called. Names become files of the archive, `stage.output` in
 * PIPELINE.md and `-p stage.name=value`: a slash, a dot or a space would mean something else there.
 */
export const DECLARED_NAME = /^[A-Za-z_$][\w$]*$/;

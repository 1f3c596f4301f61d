/** A notebook as a value: nbformat 4.5 with multi-line strings joined and slots found. */
import type { ICell, INotebookMetadata, IMimeBundle } from "@jupyterlab/nbformat";
import type { Json } from "../json.ts";
import type { SlotName } from "./slots.ts";

export type CellType = "code" | "markdown" | "raw";

/** What Jupyter allows in a cell's metadata, and ours under `steplab`. */
export type CellMetadata = ICell["metadata"] & {
  tags?: string[];
  deletable?: boolean;
  editable?: boolean;
  steplab?: Record<string, Json>;
};

export type NotebookMetadata = INotebookMetadata & { steplab?: Record<string, Json> };

export interface Cell {
  /** Place in the notebook, from 1: what messages call the cell. */
  number: number;
  /** nbformat 4.5's cell id; made from number and source for older notebooks, so that it is stable between readings. */
  id: string;
  type: CellType;
  /** Joined into one text, line ends as saved. */
  source: string;
  /** The slot its tags name; null is the free body. */
  slot: SlotName | null;
  metadata: CellMetadata;
  /** Empty in markdown and raw cells. */
  outputs: Output[];
  /** Null when the cell has not been run, and in markdown and raw cells. */
  executionCount: number | null;
  /** Images pasted into a markdown cell: file name to MIME bundle. */
  attachments?: Record<string, IMimeBundle>;
}

/** The members of an executed cell's outputs, strings joined. */
export type Output = StreamOutput | ExecuteResult | DisplayOutput | ErrorOutput;

export interface StreamOutput {
  output_type: "stream";
  name: "stdout" | "stderr";
  text: string;
}

export interface ExecuteResult {
  output_type: "execute_result";
  execution_count: number | null;
  data: Record<string, Json>;
  metadata: Record<string, Json>;
}

export interface DisplayOutput {
  output_type: "display_data";
  data: Record<string, Json>;
  metadata: Record<string, Json>;
}

export interface ErrorOutput {
  output_type: "error";
  ename: string;
  evalue: string;
  traceback: string[];
}

export interface Notebook {
  nbformat: 4;
  /** Always 5: older ones are upgraded as they are read. */
  nbformatMinor: 5;
  metadata: NotebookMetadata;
  cells: Cell[];
}

/** What a notebook is: its cells, slots and outputs as values, read from and written in Jupyter's own form. */
export { STEPLAB_KERNELSPEC } from "./kernelspec.ts";
export { codeCell, markdownCell, makeNotebook, withCells } from "./make.ts";
export type {
  Cell,
  CellMetadata,
  CellType,
  DisplayOutput,
  ErrorOutput,
  ExecuteResult,
  Notebook,
  NotebookMetadata,
  Output,
  StreamOutput,
} from "./notebook.ts";
export { readNotebook, type NotebookRead } from "./read.ts";
export {
  isSlotName,
  REPEATABLE_SLOTS,
  SLOT_NAMES,
  slotOf,
  tagsOf,
  type SlotName,
} from "./slots.ts";
export { writeNotebook } from "./write.ts";

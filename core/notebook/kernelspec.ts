/** What a notebook's metadata says of its kernel and language. */
import type { NotebookMetadata } from "./notebook.ts";

/** The kernel that executes stages, as JupyterLab writes it into a notebook that was saved with it. */
export const STEPLAB_KERNELSPEC = {
  kernelspec: {
    display_name: "TypeScript (steplab)",
    language: "typescript",
    name: "steplab",
  },
  language_info: { file_extension: ".ts", mimetype: "text/typescript", name: "typescript" },
} satisfies NotebookMetadata;

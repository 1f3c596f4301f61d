/** What a notebook's metadata says of its kernel and language. */
import type { NotebookMetadata } from "./notebook.ts";

/**
 * The kernel that executes stages, and its language as the kernel itself tells it: JupyterLab writes the latter into every
 * notebook that it opens, and a notebook that says the same already is not changed by being opened.
 */
export const STEPLAB_KERNELSPEC = {
  kernelspec: {
    display_name: "TypeScript (steplab)",
    language: "typescript",
    name: "steplab",
  },
  language_info: {
    // Never "text/typescript": JupyterLab would highlight nothing.
    codemirror_mode: "typescript",
    file_extension: ".ts",
    mimetype: "text/typescript",
    name: "typescript",
    nbconvert_exporter: "script",
    pygments_lexer: "typescript",
    // Of the language, not of Node: a notebook that is opened after an update of Node stays as it is.
    version: "7.0",
  },
} satisfies NotebookMetadata;

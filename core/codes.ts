/**
 * Every code a diagnostic or a StepLabError may carry: `area/what`, stable for ever.
 * Each room adds its own here, sorted; the pages in `docs/` are made from this table.
 */
export const CODES = {
  "notebook/invalid-json": {
    meaning: "A notebook is not valid JSON.",
    remedy: "Open it in a text editor at the place named, or take the last good version from git.",
  },
  "notebook/invalid-format": {
    meaning: "A notebook's structure is not nbformat 4.",
    remedy: "Save it from JupyterLab, or mend the member that is named.",
  },
  "project/not-found": {
    meaning: "No PIPELINE.md here or in any folder above.",
    remedy: "Go to a project's folder, or make one.",
  },
} as const satisfies Record<string, { meaning: string; remedy: string }>;

export type Code = keyof typeof CODES;

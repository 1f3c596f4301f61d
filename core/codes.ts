/**
 * Every code a diagnostic or a StepLabError may carry: `area/what`, stable for ever.
 * Each room adds its own here, sorted; the pages in `docs/` are made from this table.
 */
export const CODES = {
  "archive/disk-full": {
    meaning: "The disk is full.",
    remedy: "Free space and run again: finished stages are cached.",
  },
  "archive/not-writable": {
    meaning: "A file or folder may not be written.",
    remedy: "Give permission, or run as the user who owns it.",
  },
  "archive/unknown-run": {
    meaning: "No run has this name.",
    remedy: "`steplab runs` lists the runs; `last` is the newest.",
  },
  "archive/unknown-version": {
    meaning: "A record was written in a format this steplab does not know.",
    remedy: "Read it with the steplab that wrote it, or a newer one.",
  },
  "archive/unreadable-record": {
    meaning: "A run's record is damaged.",
    remedy: "The journal beside it still tells the run; `steplab verify` shows what is affected.",
  },
  "archive/write-failed": {
    meaning: "A file could not be written.",
    remedy: "The message names the file and the system's reason.",
  },
  "notebook/invalid-json": {
    meaning: "A notebook is not valid JSON.",
    remedy: "Open it in a text editor at the place named, or take the last good version from git.",
  },
  "notebook/invalid-format": {
    meaning: "A notebook's structure is not nbformat 4.",
    remedy: "Save it from JupyterLab, or mend the member that is named.",
  },
  "notebook/unsupported-format": {
    meaning: "A notebook is of an nbformat version that steplab does not read: below 4, or above 4.5.",
    remedy: "Open and save it in a current JupyterLab.",
  },
  "kernel/not-started": { meaning: "A kernel process did not become ready.", remedy: "Look at the message it left; `npm install` again when a native package is missing." },
  "project/not-found": {
    meaning: "No PIPELINE.md here or in any folder above.",
    remedy: "Go to a project's folder, or make one.",
  },
  "store/damaged": {
    meaning: "An object's bytes no longer have its digest.",
    remedy:
      "`steplab verify` shows what it affects; run its stage with --force, or restore the object.",
  },
  "store/missing": {
    meaning: "An object is not in the store.",
    remedy: "`steplab verify` shows what it affects; run its stage with --force.",
  },
  "store/not-a-file": {
    meaning: "A folder artifact holds something that is neither a file nor a folder.",
    remedy: "Write files and folders only.",
  },
} as const satisfies Record<string, { meaning: string; remedy: string }>;

export type Code = keyof typeof CODES;

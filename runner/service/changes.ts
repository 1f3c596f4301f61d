/** Tells that something of a project changed: files were saved, runs began or ended. */
import { existsSync, statSync } from "node:fs";
import { StepLabError } from "../../core/error.ts";
import { archiveOf } from "../../lineage/archive.ts";
import { markedRuns } from "../../lineage/owner.ts";
import { FileWatch } from "../watch/file-watch.ts";

/** Runs are looked for, not watched: their folder may not be there yet, and a look is two calls of the system. */
const LOOK_MS = 400;

export class Changes implements Disposable {
  readonly #projectRoot: string;
  readonly #onChange: (changed: { files: string[]; runs: boolean }) => void;
  readonly #files: FileWatch | null;
  readonly #timer: NodeJS.Timeout;
  #runs: string;

  constructor(
    projectRoot: string,
    onChange: (changed: { files: string[]; runs: boolean }) => void,
  ) {
    this.#projectRoot = projectRoot;
    this.#onChange = onChange;
    this.#files = watchFiles(projectRoot, (files) => onChange({ files, runs: false }));
    this.#runs = this.#lookAtRuns();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#files?.[Symbol.dispose]();
  }

  #look(): void {
    const now = this.#lookAtRuns();
    if (now === this.#runs) return;
    this.#runs = now;
    this.#onChange({ files: [], runs: true });
  }

  /** Those that go on, and the time of the last that was added or removed. */
  #lookAtRuns(): string {
    const archive = archiveOf(this.#projectRoot);
    const added = existsSync(archive.root) ? statSync(archive.root).mtimeMs : 0;
    return [added, ...markedRuns(archive)].join(" ");
  }
}

/** Null where the system's watches are used up: a front end then asks when it is looked at, as without a service. */
function watchFiles(root: string, onChange: (paths: string[]) => void): FileWatch | null {
  try {
    return new FileWatch(root, onChange, () => undefined); // of a folder that comes later the same holds
  } catch (error) {
    if (!(error instanceof StepLabError)) throw error;
    return null;
  }
}

/**
 * Tells of files that were saved, made or removed below a project's folder.
 *
 * One `fs.watch` a folder, made as folders appear: the recursive one of Node on Linux walks `node_modules` and
 * `runs/` too, and loses folders that are replaced. A folder's watch also sees editors that write a new file and
 * rename it over the old one.
 */
import { readdirSync, realpathSync, statSync, watch, type Dirent, type FSWatcher } from "node:fs";
import { join, relative, sep } from "node:path";
import { StepLabError } from "../../core/error.ts";
import { isErrno } from "../../lineage/store/files.ts";

/** Never looked into: what steplab itself writes, what package managers do, and folders whose name begins with a dot. */
const SKIPPED_FOLDER = /^(node_modules|runs|__pycache__|\..*)$/;
/** What editors leave beside a file for a moment. */
const SKIPPED_FILE = /^(\..*|.*~|.*\.sw[a-z]|4913|#.*#|.*\.tmp(\..*)?)$/;

/** One save is several events, and a checkout is hundreds: told together once it has been quiet for so long … */
const QUIET_MS = 80;
/** … but no later than this after the first. */
const LATEST_MS = 1_000;

/** The system's own part: its limits are not a test's to reach. */
export interface WatchEffects {
  watch(folder: string, onEvent: (event: string, name: string | null) => void): FSWatcher;
}

export class FileWatch implements Disposable {
  readonly #root: string;
  readonly #onChange: (paths: string[]) => void;
  readonly #onUnwatchable: (error: StepLabError) => void;
  readonly #effects: WatchEffects;
  readonly #folders = new Map<string, FSWatcher>();
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #firstAt = 0;
  #closed = false;

  /**
   * `onChange` is given paths relative to the root, sorted. A folder that may not be read is left out; `onUnwatchable`
   * is told of one that came later and cannot be watched, and the others go on.
   *
   * @throws StepLabError `project/unwatchable` for one that is there now
   */
  constructor(
    root: string,
    onChange: (paths: string[]) => void,
    onUnwatchable: (error: StepLabError) => void,
    effects: WatchEffects = { watch },
  ) {
    this.#root = root;
    this.#onChange = onChange;
    this.#onUnwatchable = onUnwatchable;
    this.#effects = effects;
    try {
      this.#watchTree(root);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** One more folder, without those in it: a source may lie outside the project. */
  add(folder: string): void {
    this.#watchFolder(folder);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  #watchTree(top: string): void {
    const folders = [top];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      if (!this.#watchFolder(folder)) continue;
      for (const name of foldersIn(folder, this.#root)) folders.push(join(folder, name));
    }
  }

  /** False when it is watched already (a link may lead back up), or gone. */
  #watchFolder(folder: string): boolean {
    try {
      const real = realpathSync(folder);
      if (this.#folders.has(real)) return false;
      const watcher = this.#effects.watch(folder, (_event, name) => this.#onEvent(folder, name));
      // A folder that is removed ends its watch, on some systems with an error.
      watcher.on("error", () => this.#forget(real));
      this.#folders.set(real, watcher);
      return true;
    } catch (error) {
      if (isErrno(error, "ENOENT", "ENOTDIR", "EACCES", "EPERM")) return false;
      throw unwatchable(this.#root, folder, error);
    }
  }

  #forget(real: string): void {
    this.#folders.get(real)?.close();
    this.#folders.delete(real);
  }

  #onEvent(folder: string, name: string | null): void {
    if (this.#closed) return;
    if (name === null) return this.#told(folder);
    const path = join(folder, name);
    if (isFolder(path)) {
      if (SKIPPED_FOLDER.test(name)) return;
      this.#watchLater(path);
      return this.#told(path);
    }
    if (!SKIPPED_FILE.test(name) && !SKIPPED_FOLDER.test(name)) this.#told(path);
  }

  /** A new folder may be full already. Nobody could catch what is thrown here: the system called. */
  #watchLater(folder: string): void {
    try {
      this.#watchTree(folder);
    } catch (error) {
      if (!(error instanceof StepLabError)) throw error;
      this.#onUnwatchable(error);
    }
  }

  #told(path: string): void {
    const now = Date.now();
    if (this.#changed.size === 0) this.#firstAt = now;
    this.#changed.add(relative(this.#root, path).split(sep).join("/"));
    clearTimeout(this.#timer);
    const wait = Math.min(QUIET_MS, Math.max(0, this.#firstAt + LATEST_MS - now));
    this.#timer = setTimeout(() => this.#flush(), wait);
  }

  #flush(): void {
    const paths = [...this.#changed].sort();
    this.#changed.clear();
    this.#onChange(paths);
  }
}

/** None where the folder went away, or may not be read, since it was found. */
function foldersIn(folder: string, root: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EACCES", "EPERM")) return [];
    throw unwatchable(root, folder, error);
  }
  return entries
    .filter((entry) => !SKIPPED_FOLDER.test(entry.name))
    .filter(
      (entry) =>
        entry.isDirectory() || (entry.isSymbolicLink() && isFolder(join(folder, entry.name))),
    )
    .map(({ name }) => name);
}

/** False for what is gone, out of reach, or a link that leads to itself. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function unwatchable(root: string, path: string, cause: unknown): StepLabError {
  const folder = relative(root, path) || ".";
  const isFull = isErrno(cause, "ENOSPC", "EMFILE");
  return new StepLabError("project/unwatchable", `The folder ${folder} cannot be watched.`, {
    cause,
    hint: isFull
      ? "The system's limit of watches is reached: raise it (Linux: sysctl fs.inotify.max_user_watches), or move large data folders out of the project."
      : "Run by hand: npx steplab run",
  });
}

/** Files and folders that are read, or asked for, through `node:fs`. */
import fs from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { OWN_ROOMS } from "../evaluate/modules.ts";
import type { Caller } from "./caller.ts";
import { intercept, type Look } from "./intercept.ts";
import type { How, Note, ReadNotes } from "./notes.ts";

export interface FilePlaces {
  projectRoot: string;
  /** Inputs, staging, scratch: what the stage was given. Absolute. */
  given: readonly string[];
}

/** More files than this of one folder, read by one line, are told as the folder. */
const FILES_OF_A_FOLDER = 8;

/** What the system says of itself: part of the platform, which is in the key. */
const SYSTEM = ["/proc", "/sys", "/dev"];
/** Where packages look for the system's libraries and settings. */
const SYSTEM_FOR_PACKAGES = ["/etc", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/System"];

export class FileWatch {
  readonly #notes: ReadNotes;
  readonly #root: string;
  readonly #given: readonly string[];
  /** The project's folder and all that it lies in: none of them is told as a whole. */
  readonly #around = new Set<string>();
  readonly #files = new Map<string, Note>();
  readonly #folders = new Map<string, Note>();
  /** By folder and line: the files that were noted one by one. */
  readonly #listed = new Map<string, string[]>();
  /** What the stage itself has made. */
  readonly #made = new Set<string>();
  /** As it was: what is asked here is asked by nobody. */
  readonly #exists = fs.existsSync;

  constructor(notes: ReadNotes, { projectRoot, given }: FilePlaces) {
    this.#notes = notes;
    this.#root = resolve(projectRoot);
    const own = OWN_ROOMS.map((room) => resolve(fileURLToPath(room)));
    const places = [...given, ...SYSTEM, ...own].flatMap((path) => [path, realPath(path)]);
    this.#given = [...new Set(places)];
    for (let path = this.#root; !this.#around.has(path); path = dirname(path))
      this.#around.add(path);
  }

  /** Every function that reads, asks or writes, in all of its three forms. */
  install(): void {
    for (const [name, look] of Object.entries(this.#looks())) {
      intercept(fs.promises, name, look);
      intercept(fs, name, look);
      intercept(fs, `${name}Sync`, look);
    }
    intercept(fs, "createReadStream", this.#reading("read"));
    intercept(fs, "createWriteStream", this.#writing(0));
    intercept(fs, "exists", this.#reading("looked-at"));
    intercept(fs, "existsSync", this.#reading("looked-at"));
    intercept(fs, "openAsBlob", this.#reading("read"));
    intercept(fs, "mkdtempSync", () => (made) => this.#makes(made));
    intercept(process, "loadEnvFile", ([path = ".env"]) => this.#reads(path, "read"));
  }

  #looks(): Record<string, Look> {
    const [read, ask] = [this.#reading("read"), this.#reading("looked-at")];
    return {
      readFile: read,
      readdir: ([path]) => this.#readsFolder(path),
      opendir: ([path]) => this.#readsFolder(path),
      stat: ask,
      lstat: ask,
      access: ask,
      open: ([path, flags]) => (opensForReading(flags) ? read([path]) : this.#makes(path)),
      copyFile: ([from, to]) => (read([from]), this.#makes(to)),
      cp: ([from, to]) => (read([from]), this.#makes(to)),
      writeFile: this.#writing(0),
      appendFile: this.#writing(0),
      mkdir: this.#writing(0),
      rename: this.#writing(1),
      link: this.#writing(1),
      symlink: this.#writing(1),
      truncate: this.#writing(0),
    };
  }

  #reading(how: How): Look {
    return ([path]) => this.#reads(path, how);
  }

  #writing(at: 0 | 1): Look {
    return (args) => this.#makes(args[at]);
  }

  #reads(path: unknown, how: How): void {
    const absolute = absoluteOf(path);
    if (absolute === null) return;
    const known = this.#files.get(absolute) ?? this.#folderOf(absolute);
    if (known !== undefined) return this.#notes.again(known, how);
    if (this.#isOwn(absolute)) return;
    const about = { kind: "file", how, ...this.#named(absolute) } as const;
    const note = this.#notes.make(about, (caller) => this.#counts(absolute, how, caller));
    if (note === null) return;
    this.#files.set(absolute, note);
    const [frame] = note.frames;
    this.#list(absolute, `${frame?.script}:${frame?.line}`);
  }

  #readsFolder(path: unknown): void {
    const absolute = absoluteOf(path);
    if (absolute === null) return;
    const known = this.#folders.get(absolute) ?? this.#folderOf(absolute);
    if (known !== undefined) return this.#notes.again(known, "read");
    if (this.#isOwn(absolute)) return;
    const about = { kind: "folder", how: "read", ...this.#named(absolute) } as const;
    const note = this.#notes.make(about, (caller) => this.#counts(absolute, "read", caller));
    if (note !== null) this.#folders.set(absolute, note);
  }

  /**
   * What a package looks for and does not find, or only looks at, is its business (settings, colours, the system's
   * libraries); what the project's own code asks for decides something.
   */
  #counts(absolute: string, how: How, caller: Caller): boolean {
    if (caller.package === null) return true;
    if (how === "looked-at" || isBelow(absolute, SYSTEM_FOR_PACKAGES)) return false;
    return this.#exists(absolute);
  }

  #makes(path: unknown): void {
    const absolute = absoluteOf(path);
    if (absolute === null) return;
    this.#made.add(absolute);
    const note = this.#files.get(absolute);
    // `if (!existsSync(file)) writeFileSync(file)`: asked for, to make it.
    if (note?.how !== "looked-at") return;
    this.#notes.drop(note);
    this.#files.delete(absolute);
  }

  #isOwn(absolute: string): boolean {
    if (isBelow(absolute, this.#given) || absolute.includes(`${sep}node_modules${sep}`))
      return true;
    if (this.#made.size === 0) return false;
    for (let path = absolute; ; path = dirname(path)) {
      if (this.#made.has(path)) return true;
      if (path === dirname(path)) return false;
    }
  }

  /** The folder around it that was read as a whole; never one that holds the project. */
  #folderOf(absolute: string): Note | undefined {
    if (this.#folders.size === 0) return undefined; // which is most stages
    for (let path = dirname(absolute); !this.#around.has(path); path = dirname(path)) {
      const note = this.#folders.get(path);
      if (note !== undefined) return note;
      if (path === dirname(path)) break; // another drive
    }
    return undefined;
  }

  /** One more file of its folder; when they are many, the folder is what was read. */
  #list(absolute: string, line: string): void {
    const folder = dirname(absolute);
    const key = `${folder} ${line}`;
    const files = this.#listed.get(key) ?? [];
    files.push(absolute);
    this.#listed.set(key, files);
    if (files.length <= FILES_OF_A_FOLDER || this.#around.has(folder)) return;
    const notes = files.flatMap((file) => this.#files.get(file) ?? []);
    const [first] = notes;
    if (first === undefined) return;
    const whole: Note = {
      ...first,
      kind: "folder",
      ...this.#named(folder),
      how: notes.some(({ how }) => how === "read") ? "read" : "looked-at",
      count: notes.reduce((sum, { count }) => sum + count, 0),
      replaces: notes.map(({ name }) => name),
    };
    for (const note of notes) this.#notes.drop(note);
    for (const file of files) this.#files.delete(file);
    this.#listed.delete(key);
    this.#folders.set(folder, whole);
    this.#notes.change(whole);
  }

  #named(absolute: string): { name: string; outside: boolean } {
    const inside = relative(this.#root, absolute);
    if (inside.startsWith("..") || isAbsolute(inside))
      return { name: absolute.split(sep).at(-1) || sep, outside: true };
    return { name: inside === "" ? "." : inside.split(sep).join("/"), outside: false };
  }
}

/** Null for what names no file: a descriptor, a handle, a wrong argument (of which the function itself will complain). */
function absoluteOf(path: unknown): string | null {
  if (typeof path === "string") return path === "" ? null : resolve(path);
  if (path instanceof Uint8Array) return resolve(Buffer.from(path).toString());
  if (!(path instanceof URL) || path.protocol !== "file:") return null;
  try {
    return fileURLToPath(path);
  } catch {
    return null; // an address that no path stands for
  }
}

/** `"r"` and its kin; a number's lowest two bits say it (open(2)). */
function opensForReading(flags: unknown): boolean {
  if (typeof flags === "number") return (flags & 3) === fs.constants.O_RDONLY;
  return typeof flags !== "string" || flags.startsWith("r");
}

function isBelow(path: string, folders: readonly string[]): boolean {
  for (const folder of folders)
    if (path.startsWith(folder) && (path.length === folder.length || path[folder.length] === sep))
      return true;
  return false;
}

function realPath(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch {
    return path; // not there (yet)
  }
}

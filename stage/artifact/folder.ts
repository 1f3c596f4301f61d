/** `a.folder()`: files that belong together. */
import { cpSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Port } from "../../core/contract.ts";
import { StepLabError } from "../../core/error.ts";
import { bindingOf } from "../bind.ts";
import type { InputKind, OutputKind } from "../contract/ports.ts";
import { claimOutput, publish, stagedPlace, type Published } from "../publish.ts";
import { currentSession } from "../session.ts";

export interface FolderInput {
  /** Absolute path of the folder; read-only. */
  path(): Promise<string>;
  /** Its files, relative to it, sorted, with forward slashes. */
  files(): Promise<string[]>;
}

export interface FolderOutput {
  /** An empty folder to write into. What lies there when the cell ends is the output. */
  path(): Promise<string>;
  /** Takes a folder over as it is, or passes an input on. */
  write(from: string | FolderInput): Promise<void>;
}

export interface FolderKind extends InputKind<FolderInput>, OutputKind<FolderOutput> {
  from(reference: string): FolderKind;
}

const MEDIA_TYPE = "application/vnd.steplab.folder+json";

/** See `a.folder`. */
export function folderKind(from?: string): FolderKind {
  const port: Port = { kind: "folder", ...(from !== undefined && { from }) };
  return {
    port,
    from: (reference) => folderKind(reference),
    input: (name) => new BoundFolder(name, port),
    output: (name) => new StagedFolder(name),
  };
}

class BoundFolder implements FolderInput {
  readonly #name: string;
  readonly #port: Port;

  constructor(name: string, port: Port) {
    this.#name = name;
    this.#port = port;
  }

  async path(): Promise<string> {
    return (await bindingOf(this.#name, this.#port)).path;
  }

  async files(): Promise<string[]> {
    return filesOf(await this.path());
  }

  async digest(): Promise<NonNullable<Published["digest"]>> {
    return (await bindingOf(this.#name, this.#port)).digest;
  }
}

class StagedFolder implements FolderOutput {
  readonly #name: string;
  #path: string | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  async path(): Promise<string> {
    if (this.#path !== undefined) return this.#path;
    const session = currentSession();
    const { path, staged } = stagedPlace(session, this.#name);
    mkdirSync(path, { recursive: true });
    this.#path = path;
    claimOutput(this.#name);
    // Told at the very end: files may be written in any later cell.
    session.atSettle(() =>
      session.emit({ fact: "output", name: this.#name, ...described(path, staged) }),
    );
    return path;
  }

  write(from: string | FolderInput): Promise<void> {
    return publish(this.#name, async (place) => {
      const source = typeof from === "string" ? from : await from.path();
      if (from instanceof BoundFolder) {
        const { staged: _, ...facts } = described(source, "");
        return { ...facts, digest: await from.digest() };
      }
      if (!statSync(source, { throwIfNoEntry: false })?.isDirectory())
        throw new StepLabError("output/failed", `Output "${this.#name}": ${source} is no folder.`);
      const { path, staged } = place("");
      cpSync(source, path, { recursive: true });
      return described(path, staged);
    });
  }
}

function described(path: string, staged: string): Published {
  const files = filesOf(path);
  const bytes = files.reduce((sum, file) => sum + statSync(join(path, file)).size, 0);
  const summary = { files: files.length, bytes };
  return { kind: "folder", mediaType: MEDIA_TYPE, staged, schema: {}, summary };
}

/** All files below a folder, relative, sorted by code units. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
}

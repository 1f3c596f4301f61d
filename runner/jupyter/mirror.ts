/**
 * A project on a Jupyter Server that does not see its folder: what a stage is made of and what it reads is put into a folder
 * there, and what it writes is brought back. Nothing is sent twice.
 */
import { hash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join, posix } from "node:path";
import { digestOfFile, hexOf } from "../../core/digest.ts";
import { StepLabError } from "../../core/error.ts";
import type { InputBinding } from "../../core/host.ts";
import { listFiles, type FolderManifest } from "../../lineage/store/folder.ts";
import { objectPath } from "../../lineage/store/objects.ts";
import type { ServerFiles } from "./server-files.ts";

/** Of the project's root, where it is there: what makes the folder a project, and what npm installs from. */
const BASE_FILES = ["PIPELINE.md", "package.json", "package-lock.json", "tsconfig.json"];

/** One project's folder on one server. */
export class Mirror {
  /** Relative to the server's root. */
  readonly folder: string;
  readonly #projectRoot: string;
  readonly #files: ServerFiles;
  readonly #put = new Map<string, Promise<void>>();

  private constructor(projectRoot: string, files: ServerFiles) {
    this.#projectRoot = projectRoot;
    this.#files = files;
    const whose = hash("sha256", `${hostname()}\0${projectRoot}`);
    const name = basename(projectRoot).replaceAll(/[^\w-]+/g, "-");
    this.folder = `steplab-${name}-${whose.slice(0, 8)}`;
  }

  static async open(projectRoot: string, files: ServerFiles): Promise<Mirror> {
    const mirror = new Mirror(projectRoot, files);
    await files.ensureFolder(mirror.folder);
    const there = BASE_FILES.filter((name) => existsSync(join(projectRoot, name)));
    await Promise.all(there.map((name) => mirror.putProjectFile(name)));
    return mirror;
  }

  /** @param path relative to the project's root, and so to the mirror's */
  async putProjectFile(path: string): Promise<void> {
    await this.#putOnce(join(this.#projectRoot, path), path.replaceAll("\\", "/"));
  }

  /** @returns the binding's places there, relative to the mirror: its objects lie as in a store, and are sent once for all runs */
  async putInput({
    path,
    digest,
    manifest,
  }: InputBinding): Promise<{ path: string; manifest?: string }> {
    if (manifest !== undefined) {
      const { files } = JSON.parse(readFileSync(manifest, "utf8")) as FolderManifest; // just verified
      const objects = dirname(dirname(manifest)); // as the store lays them out
      const all = [digest, ...files.map((file) => file.digest)];
      for (const each of all)
        await this.#putOnce(join(objects, objectPath(each)), `objects/${objectPath(each)}`);
      return { path: `unpacked/${hexOf(digest)}`, manifest: `objects/${objectPath(digest)}` };
    }
    if (!statSync(path).isDirectory()) {
      const to = `objects/${objectPath(digest)}`;
      await this.#putOnce(path, to);
      return { path: to };
    }
    const to = `unpacked/${hexOf(digest)}`;
    for (const file of listFiles(path)) await this.#putOnce(join(path, file), `${to}/${file}`);
    return { path: to };
  }

  /** @throws StepLabError `server/no-files` when other bytes come than were written there */
  async bring(path: string, file: string, digest: string): Promise<void> {
    await this.#files.get(posix.join(this.folder, path), file);
    if (digestOfFile(file).digest === digest) return;
    throw new StepLabError(
      "server/no-files",
      `${path} came back from the Jupyter Server with other bytes than were written there.`,
    );
  }

  async #putOnce(file: string, path: string): Promise<void> {
    let put = this.#put.get(path);
    if (put === undefined) {
      put = this.#files.put(file, posix.join(this.folder, path));
      this.#put.set(path, put);
      put.catch(() => this.#put.delete(path)); // asked for again, it is tried again
    }
    await put;
  }
}

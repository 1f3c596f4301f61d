/** One file of a folder artifact. */
import { mediaTypeOf } from "../../core/media-type.ts";
import type { MimeBundle } from "../../core/host.ts";
import { DISPLAY, type Displayable } from "../display/displayable.ts";
import { LocatedContent, type FileContent, type Located } from "./content.ts";

/** One file of a folder: its name, and its content when it is asked for. */
export interface FolderFile extends FileContent, Displayable {
  /** Relative to the folder, with forward slashes: `cats/001.png`. */
  readonly path: string;
  /** The last part of it: `001.png`. */
  readonly name: string;
  /** What stands before it: `cats`; empty at the top. Where files are sorted by class, this is the class. */
  readonly folder: string;
  /** In bytes. */
  readonly size: number;
  /** By the ending of its name: `image/png`; `application/octet-stream` where that says nothing. */
  readonly media: string;
}

/** Made for every entry of a folder: nothing is read before it is asked for. */
export class StoredFile extends LocatedContent implements FolderFile {
  readonly path: string;
  readonly size: number;
  readonly media: string;
  readonly #located: Located;

  constructor(path: string, size: number, located: Located, media = mediaTypeOf(path)) {
    super(path, () => Promise.resolve(located));
    this.path = path;
    this.size = size;
    this.media = media;
    this.#located = located;
  }

  get name(): string {
    return this.path.slice(this.path.lastIndexOf("/") + 1);
  }
  get folder(): string {
    return this.path.slice(0, Math.max(0, this.path.lastIndexOf("/")));
  }
  /** Where its bytes lie; for what only looks at them. */
  get located(): Located {
    return this.#located;
  }

  async [DISPLAY](): Promise<MimeBundle> {
    const { fileBundle } = await import("../display/file-bundle.ts");
    return fileBundle(this);
  }
}

/** The bytes of an entry, in pieces, hashed on the way: what is not what the record says is refused. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { StepLabError } from "../../core/error.ts";
import type { ExportEntry } from "./entries.ts";

const CHUNK_BYTES = 1 << 20;

/** @throws StepLabError `store/damaged`, at the end of an entry whose bytes are not those of its digest */
export async function* contentOf({
  path,
  digest,
  bytes,
  from,
}: ExportEntry): AsyncGenerator<Buffer> {
  const hasher = createHash("sha256");
  let size = 0;
  const pieces: AsyncIterable<Buffer> | Buffer[] =
    typeof from === "string" ? createReadStream(from, { highWaterMark: CHUNK_BYTES }) : [from];
  for await (const piece of pieces) {
    hasher.update(piece);
    size += piece.length;
    // A writer has already said how long it is: what is longer must not spill into what follows.
    if (size > bytes) break;
    yield piece;
  }
  if (size === bytes && `sha256:${hasher.digest("hex")}` === digest) return;
  throw new StepLabError(
    "store/damaged",
    `${path} is damaged: the object ${digest} has other bytes.`,
    {
      hint: "Nothing was exported. `npx steplab verify` shows what is affected; running its stage with --force makes it again.",
    },
  );
}

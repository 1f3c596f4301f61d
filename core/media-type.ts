/** Media types by file ending, for what data work reads most; anything else is bytes. */
const TYPES: Record<string, string> = {
  ".csv": "text/csv",
  ".tsv": "text/tab-separated-values",
  ".txt": "text/plain",
  ".md": "text/markdown",
  ".html": "text/html",
  ".json": "application/json",
  ".jsonl": "application/jsonl",
  ".ndjson": "application/jsonl",
  ".xml": "application/xml",
  ".yaml": "application/yaml",
  ".yml": "application/yaml",
  ".parquet": "application/vnd.apache.parquet",
  ".arrow": "application/vnd.apache.arrow.file",
  ".zip": "application/zip",
  ".gz": "application/gzip",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".bmp": "image/bmp",
  ".tif": "image/tiff",
  ".tiff": "image/tiff",
  ".svg": "image/svg+xml",
  ".wav": "audio/wav",
  ".mp3": "audio/mpeg",
  ".mp4": "video/mp4",
  ".pdf": "application/pdf",
};

/** By the ending of a file's name; `application/octet-stream` for what is not known. */
export function mediaTypeOf(path: string): string {
  const ending = /\.[^./\\]+$/.exec(path)?.[0]?.toLowerCase() ?? "";
  return TYPES[ending] ?? "application/octet-stream";
}

/** Whether a media type is what is asked for: the same, or of the family of `image/*`. */
export function isMedia(media: string, wanted: string): boolean {
  return wanted.endsWith("/*") ? media.startsWith(wanted.slice(0, -1)) : media === wanted;
}

/** Whether files of this type are text that a person can read. */
export function isText(media: string): boolean {
  return (
    media.startsWith("text/") ||
    /^application\/(?:json|jsonl|xml|yaml)$/.test(media) ||
    media === "image/svg+xml"
  );
}

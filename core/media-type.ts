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
  ".svg": "image/svg+xml",
  ".pdf": "application/pdf",
};

/** By the ending of a file's name; `application/octet-stream` for what is not known. */
export function mediaTypeOf(path: string): string {
  const ending = /\.[^./\\]+$/.exec(path)?.[0]?.toLowerCase() ?? "";
  return TYPES[ending] ?? "application/octet-stream";
}

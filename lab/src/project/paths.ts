/** Paths of a Jupyter Server and of a project on it: both relative, with forward slashes, "" for the root. Pure. */

/** The folder of a file, and every folder above it, up to the server's root. */
export function foldersAbove(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return [...parts.keys(), parts.length].reverse().map((count) => parts.slice(0, count).join("/"));
}

export function onServer(folder: string, path: string): string {
  return folder === "" ? path : `${folder}/${path}`;
}

/** Null for what lies outside of the project. */
export function inProject(folder: string, path: string): string | null {
  if (folder === "") return path;
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : null;
}

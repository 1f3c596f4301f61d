/**
 * Binding in JupyterLab, where no runner gave bindings: each input to the newest real artifact of what it is
 * wired to, and a line that says which run that is.
 */
import { existsSync, globSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Port } from "../../core/contract.ts";
import { digestOfFile, hexOf, type ArtifactDigest } from "../../core/digest.ts";
import type { InputBinding } from "../../core/host.ts";
import { archiveOf } from "../../lineage/archive.ts";
import { currentBranch } from "../../lineage/git/repository.ts";
import { newestHere, type NewestOutput } from "../../lineage/query/newest.ts";
import { digestOfFolder, ObjectStore } from "../../lineage/store/objects.ts";
import { escapeHtml } from "../display/escape.ts";
import type { Session } from "../session.ts";
import { wiresOf } from "./wires.ts";

/** Null when there is nothing to bind to: no wire, or what it names was never made. */
export function bindNewest(session: Session, name: string, port: Port): InputBinding | null {
  const notebook = session.host === undefined ? null : fileURLToPath(session.host.notebookUrl);
  const root = session.projectRoot;
  const wire = wireOf(root, notebook, name, port);
  if (wire === null) return null;
  const made = isReference(wire) ? newestHere(root, wire) : null;
  if (made !== null) return bindOutput(session, root, name, made);
  return bindFile(session, root, name, wire);
}

function wireOf(root: string, notebook: string | null, name: string, port: Port): string | null {
  if ("from" in port && port.from !== undefined) return port.from; // an exploring notebook says it itself
  if (notebook === null || !existsSync(join(root, "PIPELINE.md"))) return null;
  return wiresOf(root, notebook)?.inputs[name] ?? null;
}

/** `stage.output`, as opposed to a path, a pattern or a URL. */
function isReference(wire: string): boolean {
  return /^[A-Za-z][\w-]*\.[A-Za-z][\w-]*$/.test(wire);
}

function bindOutput(
  session: Session,
  root: string,
  name: string,
  newest: NewestOutput,
): InputBinding {
  const { kind, digest, bytes, mediaType, run, stage, output, endedAt, branch } = newest;
  const store = new ObjectStore(archiveOf(root));
  const target = join(session.scratch, `folder-${hexOf(digest).slice(0, 16)}`);
  const at =
    kind === "folder"
      ? { path: target, manifest: store.verifiedPath(digest) }
      : { path: kind === "model" ? unpacked(store, digest, target) : newest.path };
  const when = endedAt.slice(0, 16).replace("T", " ");
  const here = currentBranch(root);
  const elsewhere = branch !== null && here !== null && branch !== here;
  const of = elsewhere ? `, of branch ${branch}: there is none of ${here}` : "";
  say(session, `${name}: ${stage}.${output} of run ${run}, ${when} UTC${of}`);
  return { kind, ...at, digest, bytes, mediaType, source: { run, stage, output } };
}

/** A model is read by its files' paths. */
function unpacked(store: ObjectStore, digest: ArtifactDigest, target: string): string {
  if (!existsSync(target)) store.unpackFolder(digest, target);
  return target;
}

/** A file, a folder or a pattern (the last by name), relative to the project; URLs are the runner's to fetch. */
function bindFile(session: Session, root: string, name: string, wire: string): InputBinding | null {
  if (/^[a-z]+:\/\//i.test(wire) || wire.startsWith("run:")) return null;
  const found = globSync(wire, { cwd: root }).sort().at(-1);
  if (found === undefined) return null;
  const path = join(root, found);
  const kind = statSync(path).isDirectory() ? "folder" : "file";
  const { digest, bytes } = kind === "folder" ? digestOfFolder(path) : digestOfFile(path);
  say(session, `${name}: ${found}, as it is now`);
  return { kind, path, digest, bytes, mediaType: "", source: { path: basename(found) } };
}

function say(session: Session, line: string): void {
  session.display({
    "text/html": `<div style="opacity:.7">${escapeHtml(line)}</div>`,
    "text/plain": line,
  });
}

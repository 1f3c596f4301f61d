/** Packs once for all files of tests, and provides where the packed file lies. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestProject } from "vitest/node";
import { repositoryRoot } from "../rig/project.ts";
import { must, type PackedFile } from "./rig.ts";

declare module "vitest" {
  interface ProvidedContext {
    packed: PackedFile;
  }
}

export default function setup(project: TestProject): () => void {
  const folder = join(mkdtempSync(join(tmpdir(), "steplab-package-")), "Zoë's Bücher, 本");
  mkdirSync(folder, { recursive: true });
  const { stdout } = must(["npm", "pack", "--json", "--pack-destination", folder], {
    cwd: repositoryRoot,
    node: join(repositoryRoot, "node_modules", ".bin"),
  });
  const [{ filename, files }] = JSON.parse(stdout) as [PackedFile]; // npm's own form
  project.provide("packed", { folder, filename, files });
  return () => rmSync(dirname(folder), { recursive: true, force: true });
}

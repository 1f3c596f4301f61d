/** `steplab lint` of this repository's example, types and all, with nothing cached. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { STEPLAB_ROOT } from "../core/own-sources.ts";
import { medianOf, timed, type Row } from "./measure.ts";

/** Peer (reference: kernels.md section 7): tsc alone 0.5 to 0.67 s. */
export function benchLint(): Row[] {
  // A copy, so that no archive with cached contracts lies beside it.
  const root = mkdtempSync(join(tmpdir(), "steplab-bench-"));
  try {
    for (const part of ["PIPELINE.md", "notebooks", "tsconfig.json", "package-lock.json"])
      cpSync(join(STEPLAB_ROOT, part), join(root, part), { recursive: true });
    writeFileSync(
      join(root, "package.json"),
      JSON.stringify({ name: "bench", private: true, type: "module" }),
    );
    linkPackages(root);
    const cold = (): number => {
      rmSync(join(root, "runs"), { recursive: true, force: true });
      return timed(root, ["lint"]);
    };
    return [
      {
        what: "lint of the example with types, cold",
        bound: "1.2",
        value: medianOf(7, cold),
        unit: "s",
      },
    ];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function linkPackages(root: string): void {
  const installed = join(STEPLAB_ROOT, "node_modules");
  mkdirSync(join(root, "node_modules"));
  for (const name of ["zod", "arquero", "@types", "@tensorflow", "@duckdb"]) {
    if (existsSync(join(installed, name)))
      symlinkSync(join(installed, name), join(root, "node_modules", name));
  }
  symlinkSync(STEPLAB_ROOT, join(root, "node_modules", "steplab"));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.table(benchLint());

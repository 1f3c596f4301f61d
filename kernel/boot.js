// The quick way into the kernel, for all of its threads: `node --no-force-async-hooks-checks kernel/boot.js <connection-file>`.
//
// Plain JavaScript, because in a checkout Node's own type stripping would load a WebAssembly compiler once a thread:
// 45 ms and 35 MB each. oxc, which the kernel needs for cells anyway, does the same in 5 ms. Of the package, where this
// file lies beside compiled ones, only the compile cache is left to do.
import { existsSync, readFileSync } from "node:fs";
import { createRequire, enableCompileCache, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread, workerData } from "node:worker_threads";

// Compiled code is kept between starts: 170 ms to ready become 95, and the first `import "steplab"` 180 become 75.
enableCompileCache();

const fromSource = existsSync(new URL("./main.ts", import.meta.url));
if (fromSource) runFromSource();
const ending = fromSource ? "ts" : "js";
const entry = isMainThread ? "main" : (workerData.entry ?? "protocol/worker");
await import(`./${entry}.${ending}`);

function runFromSource() {
  const { transformSync } = createRequire(import.meta.url)("oxc-transform");
  const root = new URL("../", import.meta.url).href;
  const rooms = ["core", "lineage", "stage", "pipeline", "kernel", "runner"].map(
    (room) => `${root}${room}/`,
  );
  const options = {
    lang: "ts",
    sourceType: "module",
    typescript: { onlyRemoveTypeImports: true },
  };
  registerHooks({
    // What a notebook imports as "steplab" is the source too (core/own-sources.ts, SOURCE_CONDITION).
    resolve(specifier, context, next) {
      if (!/^steplab(?:\/|$)/.test(specifier)) return next(specifier, context);
      return next(specifier, { ...context, conditions: [...context.conditions, "steplab-source"] });
    },
    load(url, context, next) {
      if (!url.endsWith(".ts") || !rooms.some((room) => url.startsWith(room)))
        return next(url, context);
      const path = fileURLToPath(url);
      const { code, errors } = transformSync(path, readFileSync(path, "utf8"), options);
      if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0].message}`);
      return { format: "module", source: code, shortCircuit: true };
    },
  });
}

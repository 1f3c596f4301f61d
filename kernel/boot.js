// The quick way into the kernel, for both of its threads: `node --no-force-async-hooks-checks kernel/boot.js <connection-file>`.
//
// Plain JavaScript, because Node's own type stripping loads a WebAssembly compiler once a thread:
// 45 ms and 35 MB each. oxc, which the kernel needs for cells anyway, does the same in 5 ms.
// `kernel/main.ts` started by itself works the same, slower.
import { readFileSync } from "node:fs";
import { enableCompileCache, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { transformSync } from "oxc-transform";

// Compiled code is kept between starts: 170 ms to ready become 95, and the first `import "steplab"` 180 become 75.
enableCompileCache();

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
  load(url, context, next) {
    if (!url.endsWith(".ts") || !rooms.some((room) => url.startsWith(room)))
      return next(url, context);
    const path = fileURLToPath(url);
    const { code, errors } = transformSync(path, readFileSync(path, "utf8"), options);
    if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0].message}`);
    return { format: "module", source: code, shortCircuit: true };
  },
});

await import(isMainThread ? "./main.ts" : "./protocol/worker.ts");

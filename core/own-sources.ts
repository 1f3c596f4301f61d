/**
 * Where steplab's own code lies, and a digest of it for everything that is cached on what it made.
 *
 * A checkout runs its TypeScript as it stands. The package holds the same rooms compiled below `dist/` (Node strips no
 * types under node_modules), and the rest, package.json and templates, where a checkout has them too. Only this file,
 * `kernel/boot.js` and `bin/steplab.js`, which run before it can be loaded, know the difference.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { digestOfJson, digestOf, type Digest } from "./digest.ts";

const ENDING = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

/** Whether this steplab is a checkout that runs from source. */
export const FROM_SOURCE = ENDING === ".ts";

/** Where steplab itself lies: the folder of its package.json and its templates. Ends with a separator. */
export const STEPLAB_ROOT = fileURLToPath(new URL(FROM_SOURCE ? "../" : "../../", import.meta.url));

/** Where its rooms lie. Ends with a separator. */
const CODE_ROOT = fileURLToPath(new URL("../", import.meta.url));

/** The folder of the extension for JupyterLab, as its build makes it; null where it is not built. */
export function ownLabExtension(): string | null {
  // A checkout's build leaves it in its own package, from where it is packed.
  const folder = join(STEPLAB_ROOT, FROM_SOURCE ? "lab" : "dist/lab", "labextension");
  return existsSync(join(folder, "package.json")) ? folder : null;
}

/** The export condition that leads from "steplab" to the sources; the package's own way in needs none. */
export const SOURCE_CONDITION = "steplab-source";

/** Absolute path of one of steplab's own modules, named without its ending: `pipeline/declare/child`. */
export function ownModule(name: string): string {
  return join(CODE_ROOT, `${name}${ENDING}`);
}

/** Addresses that modules of these rooms begin with. */
export function ownRoomUrls(rooms: readonly string[]): string[] {
  return rooms.map((room) => `${pathToFileURL(join(CODE_ROOT, room)).href}/`);
}

/** Of package.json. */
export function ownVersion(): string {
  const text = readFileSync(join(STEPLAB_ROOT, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version; // our own
}

const digests = new Map<string, Digest>();

/**
 * Digest of every source of these rooms (`core`, `stage`, …), read once a process: 80 files take about 5 ms.
 * A version number would do for a released steplab; run from a checkout, an edit must count too.
 */
export function ownSourcesDigest(rooms: readonly string[]): Digest {
  const name = rooms.join(" ");
  const known = digests.get(name);
  if (known) return known;
  const files = ownSources(rooms).map(({ name, path }) => [name, digestOf(readFileSync(path))]);
  const digest = digestOfJson(files);
  digests.set(name, digest);
  return digest;
}

/** Every source of these rooms, sorted by name (`core/digest.ts`). */
export function ownSources(rooms: readonly string[]): { name: string; path: string }[] {
  return rooms
    .flatMap((room) => {
      const inCode = join(CODE_ROOT, room);
      const folder = existsSync(inCode) ? inCode : join(STEPLAB_ROOT, room); // templates are no code
      return readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => /(?<!\.d)\.(?:ts|js|ipynb)$/.test(file))
        .map((file) => ({
          name: `${room}/${file.split(sep).join("/")}`,
          path: join(folder, file),
        }));
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

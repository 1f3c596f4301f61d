/** `npm run bench`: the speed table, medians on this machine. `npm run bench -- kernel chain` measures only those. */
import { availableParallelism, loadavg } from "node:os";
import type { Row } from "./measure.ts";

const PARTS: Record<string, () => Promise<readonly Row[]>> = {
  kernel: async () =>
    (await (await import("./kernel.ts")).benchKernel()).map((row) => ({
      ...row,
      bound: String(row.bound),
    })),
  chain: async () => (await import("./chain.ts")).benchChain(),
  lint: async () => (await import("./lint.ts")).benchLint(),
  archive: async () => (await import("./archive.ts")).benchArchive(),
  data: async () => (await import("./data.ts")).benchData(),
  example: async () => (await import("./example.ts")).benchExample(),
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in PARTS));
if (unknown !== undefined) {
  process.stderr.write(
    `There is no part "${unknown}"; there are: ${Object.keys(PARTS).join(", ")}\n`,
  );
  process.exit(2);
}
process.stdout.write(
  `Node ${process.versions.node}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}; medians\n\n`,
);
let worse = 0;
for (const [name, measure] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  for (const { what, bound, value, unit } of await measure()) {
    const shown = value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
    const within = bound === "" ? "" : value <= Number(bound) ? `<= ${bound}` : `OVER ${bound}`;
    if (within.startsWith("OVER")) worse++;
    process.stdout.write(`${what.padEnd(68)} ${shown.padStart(8)} ${unit.padEnd(9)} ${within}\n`);
  }
}
process.stdout.write(
  worse === 0
    ? "\nall within their bounds\n"
    : `\n${worse} over their bounds (a busy machine? compare ratios)\n`,
);
process.exit(0);

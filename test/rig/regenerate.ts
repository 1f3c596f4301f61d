/** `npm run golden`: writes what the golden projects leave behind now. Never in CI: there it would hide what changed. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GOLDEN, goldenNames, readExpected, runGolden } from "./golden.ts";

if (process.env["CI"] === "true") {
  process.stderr.write("npm run golden changes what the tests expect; it does not run in CI.\n");
  process.exit(1);
}

for (const name of goldenNames()) {
  const before = readExpected(name);
  const files = await runGolden(name);
  const folder = join(GOLDEN, name, "expected");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  const changed = [...new Set([...Object.keys(before), ...Object.keys(files)])]
    .filter((file) => before[file] !== files[file])
    .sort();
  process.stdout.write(
    `${name}: ${changed.length === 0 ? "as before" : `changed ${changed.join(", ")}`}\n`,
  );
}

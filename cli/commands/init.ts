import { join, relative, resolve } from "node:path";
import { EXIT, defineCommand } from "../command.ts";
import { printJson } from "../print/json.ts";
import { columns, paint } from "../print/style.ts";
import type { InitOutput } from "../schemas/init.ts";

const help = `Make a project that runs at once: three small stages on data they make up, a test, types, a CI workflow.

Usage: steplab init [folder] [options]      without a folder: here

  --bare   without the example: an empty PIPELINE.md for stages of your own
  --json   print what was written and what was kept as JSON

A folder with files in it is adopted: what is there stays as it is, and is named. A package.json gets the dependency on
steplab, the one that this steplab was installed from. "by hand" is what only you can do.

Example: npx steplab init demo
`;

export const command = defineCommand({
  name: "init",
  summary: "make a project that runs at once",
  help,
  options: { bare: { type: "boolean" }, json: { type: "boolean" } },
  positionals: ["folder"],
  async run(values, [named = "."]) {
    const folder = resolve(named);
    const { planProject } = await import("../../pipeline/scaffold/new-project.ts");
    const { writeNewFile } = await import("../../pipeline/scaffold/write-new-file.ts");
    const { writeFileAtomic } = await import("../../lineage/store/files.ts");
    const { dependency, write, change, keep, byHand } = planProject(folder, {
      bare: values.bare === true,
    });
    for (const { path, text } of write) writeNewFile(join(folder, path), text);
    for (const { path, text } of change)
      writeFileAtomic(join(folder, path), text, { durable: true });
    const told: InitOutput = {
      steplab: 1,
      folder,
      dependency,
      written: write.map(({ path }) => path),
      changed: change.map(({ path, what }) => ({ path, what })),
      kept: keep,
      byHand,
    };
    if (values.json === true) printJson<InitOutput>(told);
    else process.stdout.write(`${lines(told, values.bare === true).join("\n")}\n`);
    return EXIT.done;
  },
});

function lines(told: InitOutput, bare: boolean): string[] {
  const way = relative(process.cwd(), told.folder);
  const go = way === "" ? "" : `cd ${/[^\w./-]/.test(way) ? JSON.stringify(way) : way} && `;
  const rows = [
    ...told.written.map((path) => [paint("green", "written"), path]),
    ...told.changed.map(({ path, what }) => [paint("green", "added"), path, what]),
    ...told.kept.map((path) => [paint("dim", "kept"), path, "was there; unchanged"]),
    ...told.byHand.map(({ path, what }) => [paint("yellow", "by hand"), path, what]),
  ];
  const next = bare ? "npx steplab new" : "npx steplab run";
  return [...columns(rows), "", `Next    ${go}npm install && ${next}`];
}

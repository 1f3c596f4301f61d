import { relative, resolve } from "node:path";
import { StepLabError } from "../../core/error.ts";
import { didYouMean } from "../../core/did-you-mean.ts";
import { EXPORT_PARTS, SUMS_FILE, type ExportPart } from "../../lineage/export/entries.ts";
import { exportRun, isArchiveFile } from "../../lineage/export/export.ts";
import { findRun } from "../../lineage/query/runs.ts";
import { findProjectRoot } from "../../runner/find-project.ts";
import { recoverRuns } from "../../runner/recover.ts";
import { EXIT, defineCommand } from "../command.ts";
import { printJson } from "../print/json.ts";
import { bytes, plural } from "../print/style.ts";
import type { ExportOutput } from "../schemas/export.ts";

const help = `Write a run as plain files that need no steplab: documents, executed notebooks, outputs, inputs, code, the record.

Usage: steplab export [run] [options]      the last run unless named

  --to path        a folder, or a file ending with .tar.gz, .tar or .zip (the run's id, here)
  --stage name     only this stage, with all that it read
  --without part   leave out: inputs, outputs, notebooks, code, journal (repeatable)
  --force          replace a file, or the folder of an earlier export
  --json           print what was written as JSON

Every byte is checked on the way; \`sha256sum -c SHA256SUMS\` checks it again wherever it goes.

Example: npx steplab export last --to run.tar.gz --without inputs
`;

/** Endings of archives that others make: a folder that is called so is not what is meant. */
const OTHER_ARCHIVE = /\.(?:tar|tgz|zip|rar|7z|gz|bz2|xz|zst|lz4|tbz2?|txz)$/i;

/** @throws StepLabError `cli/usage` for an archive of a kind that is not written */
function placeOf(to: string): string {
  if (isArchiveFile(to) || !OTHER_ARCHIVE.test(to)) return resolve(to);
  throw new StepLabError("cli/usage", `--to ${to}: such an archive is not written.`, {
    hint: "Name a folder, or a file that ends with .tar.gz, .tar or .zip.",
  });
}

export const command = defineCommand({
  name: "export",
  summary: "write a run as plain files or one archive",
  help,
  options: {
    to: { type: "string", completes: "file" },
    stage: { type: "string", completes: "stage" },
    without: { type: "string", multiple: true, completes: EXPORT_PARTS },
    force: { type: "boolean" },
    json: { type: "boolean" },
  },
  positionals: ["run"],
  async run(values, [word = "last"]) {
    const projectRoot = findProjectRoot(process.cwd());
    recoverRuns(projectRoot);
    const run = findRun(projectRoot, word);
    const written = await exportRun(projectRoot, run, {
      to: placeOf(values.to ?? run),
      ...(values.stage !== undefined && { stage: values.stage }),
      without: (values.without ?? []).map(partOf),
      force: values.force === true,
    });
    const place = relative(process.cwd(), written.to);
    if (values.json === true) printJson<ExportOutput>({ steplab: 1, run, ...written, to: place });
    else {
      const check = written.to === resolve(run) || !isArchiveFile(written.to);
      process.stdout.write(
        `${place}  ${plural(written.files, "file")}, ${bytes(written.bytes)}\n${check ? `Check   cd ${place} && sha256sum -c ${SUMS_FILE}\n` : ""}`,
      );
    }
    return EXIT.done;
  },
});

function partOf(word: string): ExportPart {
  const part = EXPORT_PARTS.find((each) => each === word);
  if (part !== undefined) return part;
  throw new StepLabError("cli/usage", `--without ${word}: there is no such part.`, {
    hint: didYouMean(word, EXPORT_PARTS) ?? EXPORT_PARTS.join(", "),
  });
}

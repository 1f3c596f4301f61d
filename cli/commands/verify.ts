import { verifyArchive, type VerifyReport } from "../../lineage/verify.ts";
import { recoverRuns } from "../../runner/recover.ts";
import { findProjectRoot } from "../../runner/find-project.ts";
import { EXIT, defineCommand } from "../command.ts";
import { printJson } from "../print/json.ts";
import { bytes, count, paint, plural } from "../print/style.ts";
import type { VerifyOutput } from "../schemas/verify.ts";

const help = `Hash every object of the archive again, read every record, and name what is damaged and what that affects.

Usage: steplab verify [--json]      exit code 1 when something is damaged, changed or missing

Example: npx steplab verify
`;

export const command = defineCommand({
  name: "verify",
  summary: "hash everything in the archive again, name what is damaged",
  help,
  options: { json: { type: "boolean" } },
  positionals: [],
  run(values) {
    const projectRoot = findProjectRoot(process.cwd());
    recoverRuns(projectRoot);
    const live = process.stderr.isTTY && values.json !== true;
    const report = verifyArchive(projectRoot, (done) => {
      if (live && done % 100 === 0) process.stderr.write(`\r${count(done)} objects`);
    });
    if (live) process.stderr.write("\r\u001b[K");
    if (values.json === true) printJson<VerifyOutput>({ steplab: 1, ...report });
    else printText(report);
    return Promise.resolve(report.problems.length === 0 ? EXIT.done : EXIT.failed);
  },
});

function printText(report: VerifyReport): void {
  for (const { kind, what, message, affects } of report.problems) {
    process.stdout.write(
      `${paint("red", kind)}  ${what}\n  ${message}\n${affects.map((each) => `  affects ${each}\n`).join("")}`,
    );
  }
  const verdict =
    report.problems.length === 0
      ? "all is as it was written"
      : plural(report.problems.length, "problem");
  process.stdout.write(
    `${plural(report.objects, "object")}, ${bytes(report.bytes)}, ${plural(report.runs, "run")}: ${verdict}\n`,
  );
}

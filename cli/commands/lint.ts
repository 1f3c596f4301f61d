import { CODES } from "../../core/codes.ts";
import { hasErrors, type Diagnostic } from "../../core/diagnostic.ts";
import { renderGithub } from "../../core/render-diagnostic.ts";
import { archiveOf } from "../../lineage/archive.ts";
import { EXIT, defineCommand } from "../command.ts";
import { StepLabError } from "../../core/error.ts";
import { printDiagnostics } from "../print/diagnostics.ts";
import { printJson } from "../print/json.ts";
import { plural } from "../print/style.ts";
import type { LintOutput } from "../schemas/lint.ts";
import { findDocument } from "./run.ts";

const help = `Judge the pipeline without running it: structure, contracts, graph and types of every stage notebook.

Usage: steplab lint [document] [options]

  --fix             mend what is mechanical: outputs in sources, missing slots, locked cells, the diagram
  --no-types        leave the compiler out
  --information     show information too, not only errors and warnings
  --json            print the diagnostics as JSON
  --format github   print them as GitHub annotations
  --explain code    say what a code means, with an example and how to mend it (any code of any message)

Exit code 2 when there are errors.

Example: npx steplab lint --fix
`;

export const command = defineCommand({
  name: "lint",
  summary: "judge the pipeline and its notebooks without running them",
  help,
  options: {
    fix: { type: "boolean" },
    "no-types": { type: "boolean" },
    information: { type: "boolean" },
    json: { type: "boolean" },
    format: { type: "string", completes: ["github"] },
    explain: { type: "string", completes: Object.keys(CODES) },
  },
  positionals: ["document"],
  async run(values, [named]) {
    if (values.format !== undefined && values.format !== "github") {
      throw new StepLabError("cli/usage", `--format ${values.format}: only github is known.`);
    }
    if (values.explain !== undefined) {
      const { codePage } = await import("../print/code-page.ts");
      process.stdout.write(codePage(values.explain));
      return EXIT.done;
    }
    const { projectRoot, document } = findDocument(named);
    const { lint } = await import("../../pipeline/lint/index.ts");
    const options = {
      document,
      types: values["no-types"] !== true,
      cacheDir: archiveOf(projectRoot).contracts,
    };
    let result = await lint(projectRoot, options);
    if (values.fix === true) {
      const { applyFixes } = await import("../../pipeline/lint/fix.ts");
      const fixed = applyFixes(projectRoot, result.diagnostics);
      for (const file of fixed) process.stderr.write(`mended  ${file}\n`);
      if (fixed.length > 0) result = await lint(projectRoot, options);
    }
    if (values.json === true) printJson<LintOutput>(result.diagnostics);
    else if (values.format === "github")
      for (const diagnostic of result.diagnostics)
        process.stdout.write(`${renderGithub(diagnostic)}\n`);
    else printText(result.diagnostics, { information: values.information === true });
    return hasErrors(result.diagnostics) ? EXIT.usage : EXIT.done;
  },
});

function printText(diagnostics: readonly Diagnostic[], options: { information: boolean }): void {
  const shown = diagnostics.filter((d) => d.severity !== "information" || options.information);
  printDiagnostics(shown, process.stdout);
  const of = (severity: Diagnostic["severity"]): number =>
    diagnostics.filter((d) => d.severity === severity).length;
  const [errors, warnings, information] = [of("error"), of("warning"), of("information")];
  const hidden =
    information > 0 && !options.information
      ? `, ${information} information (--information shows them)`
      : "";
  const fixable = diagnostics.filter((d) => d.fix !== undefined).length;
  process.stdout.write(
    `${plural(errors, "error")}, ${plural(warnings, "warning")}${hidden}${fixable > 0 ? `; --fix mends ${fixable}` : ""}\n`,
  );
}

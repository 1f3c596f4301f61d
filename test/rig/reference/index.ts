/** The pages of docs/reference/, made from the code: by file name, their whole text. */
import { join } from "node:path";
import { STEPLAB_ROOT } from "../../../core/own-sources.ts";
import { commandsPage } from "./commands-page.ts";
import { documentPage } from "./document-page.ts";
import { modulePage } from "./module-page.ts";
import { schemaPages } from "./schema-page.ts";

export async function referencePages(): Promise<Record<string, string>> {
  return {
    "steplab.md": modulePage({
      specifier: "steplab",
      entry: join(STEPLAB_ROOT, "stage/index.ts"),
      introduction:
        'What a notebook imports: `import { z, a, parameters, inputs, outputs } from "steplab"`. `z` is [zod](https://zod.dev)\'s, the rest stands below.',
      sections: [
        { title: "Declaring a stage", from: ["stage/contract", "stage/artifact/kinds.ts"] },
        { title: "Checks and secrets", from: ["stage/check.ts", "stage/secret.ts"] },
        { title: "Tables, SQL and other artifacts", from: ["stage/artifact", "stage/files"] },
        { title: "Showing", from: ["stage/display", "stage/picture"] },
        { title: "Notes", from: ["stage/notes"] },
        { title: "Transformers and models", from: ["stage/transform"] },
      ],
      without: [
        "core",
        "stage/artifact/relation.ts",
        "stage/artifact/columns.ts",
        "stage/artifact/duck.ts",
      ],
    }),
    "testing.md": modulePage({
      specifier: "steplab/testing",
      entry: join(STEPLAB_ROOT, "runner/testing.ts"),
      introduction:
        "A stage as a unit under test. The task: [How do I test a stage?](../testing.md) The stage's record is described in [What stands in a run's record and journal?](record.md)",
      sections: [{ title: "Running a stage", from: ["runner/testing.ts"] }],
      without: ["core", "lineage"],
    }),
    "runner.md": modulePage({
      specifier: "steplab/runner",
      entry: join(STEPLAB_ROOT, "runner/index.ts"),
      introduction:
        "What the command line does, for programs. Record and events are described in [What stands in a run's record and journal?](record.md)",
      sections: [
        { title: "Functions and options", from: ["runner", "pipeline"] },
        { title: "What they give", from: ["lineage", "core"] },
      ],
      without: ["lineage"],
    }),
    "commands.md": await commandsPage(),
    "pipeline-document.md": documentPage(),
    ...(await schemaPages()),
  };
}

/**
 * Every code a diagnostic or a StepLabError may carry: `area/what`, stable for ever.
 * Each room adds its own here, sorted; the pages in `docs/` are made from this table.
 */
export const CODES = {
  "archive/disk-full": {
    meaning: "The disk is full.",
    remedy: "Free space and run again: finished stages are cached.",
  },
  "archive/not-writable": {
    meaning: "A file or folder may not be written.",
    remedy: "Give permission, or run as the user who owns it.",
  },
  "archive/unknown-artifact": {
    meaning: "No run has read or made what was named.",
    remedy: "`npx steplab show <run> <stage>` lists a stage's inputs and outputs.",
  },
  "archive/unknown-metric": {
    meaning: "No run has a metric of this name.",
    remedy: "`npx steplab runs` shows which metrics there are.",
  },
  "archive/unknown-run": {
    meaning: "No run has this name.",
    remedy: "`npx steplab runs` lists the runs; `last` is the newest.",
  },
  "archive/unknown-version": {
    meaning: "A record was written in a format this steplab does not know.",
    remedy: "Read it with the steplab that wrote it, or a newer one.",
  },
  "archive/unreadable-record": {
    meaning: "A run's record is damaged.",
    remedy:
      "The journal beside it still tells the run; `npx steplab verify` shows what is affected.",
  },
  "archive/wrong-kind": {
    meaning: "An output was read as another kind than it is.",
    remedy:
      "Read tables with rows(), JSON with json(), folders and models with files(), anything with path().",
  },
  "archive/write-failed": {
    meaning: "A file could not be written.",
    remedy: "The message names the file and the system's reason.",
  },
  "check/failed": {
    meaning: "A check did not hold.",
    remedy: "Look at the rows and values it names; mend the data or the rule.",
  },
  "check/repeated-name": {
    meaning: "Two checks of a stage have one name.",
    remedy: "Give each check a name of its own: the record is read by name.",
  },
  "cli/usage": {
    meaning: "The command line could not be understood.",
    remedy: "`npx steplab <command> --help` shows the options and an example.",
  },
  "contract/declaration-failed": {
    meaning: "A declaration cell threw, or its imports did, when it was evaluated alone.",
    remedy: "Mend the line named; declarations run without inputs, files to write and network.",
  },
  "contract/declaration-timeout": {
    meaning: "The declaration cells of a notebook did not finish, or ended the process.",
    remedy:
      "Take loops, waiting and process.exit out of declaration cells and the modules they import.",
  },
  "contract/incompatible": {
    meaning:
      "A stage reads what another writes under a contract that does not fit: kind, column, type, nullability, enum or bounds.",
    remedy: "Make both ends use one schema, or convert in the stage between.",
  },
  "contract/input-unread": {
    meaning: "An input is declared and never read.",
    remedy: "Read it, or take it out of the declaration and of PIPELINE.md.",
  },
  "contract/input-unwired": {
    meaning: "An input is declared, and PIPELINE.md does not say where it comes from.",
    remedy: "Wire it under `inputs` of the stage.",
  },
  "contract/invalid-name": {
    meaning:
      "A parameter, input or output has a name that PIPELINE.md and the archive cannot hold.",
    remedy: "Use letters, digits, _ and $, not beginning with a digit.",
  },
  "contract/invalid-parameter": {
    meaning: "A value in PIPELINE.md does not fit the parameter's schema.",
    remedy: "Give a value that the schema named accepts.",
  },
  "contract/not-a-declaration": {
    meaning: "A declaration cell holds more than its one declaration, or none.",
    remedy: "Leave `const params = parameters({…})` (or inputs, outputs) alone in its cell.",
  },
  "contract/output-not-written": {
    meaning: "A stage ended without writing an output it declares.",
    remedy: "Write it, or take it out of the declaration.",
  },
  "contract/output-unwritten": {
    meaning: "An output is declared and never written.",
    remedy: "Write it, or take it out of the declaration.",
  },
  "contract/unknown-input": {
    meaning: "PIPELINE.md wires an input that the notebook does not declare.",
    remedy: "Correct the name, or declare the input.",
  },
  "contract/unknown-parameter": {
    meaning: "PIPELINE.md sets a parameter that the notebook does not declare.",
    remedy: "Correct the name, or declare the parameter.",
  },
  "csv/bad-row": {
    meaning: "A row of a CSV file does not fit its schema or is not well formed.",
    remedy: "Mend the file at the line named, or widen the schema if the value is right.",
  },
  "csv/encoding": {
    meaning: "A CSV file is not UTF-8.",
    remedy: "Save it as UTF-8.",
  },
  "csv/header": {
    meaning: "The header of a CSV file is not the schema's columns in order.",
    remedy: "Mend the file, or change the schema when the delivery has really changed.",
  },
  "document/diagram-stale": {
    meaning: "The document's Mermaid diagram does not show the graph that its stages make.",
    remedy: "Run `npx steplab lint --fix`.",
  },
  "document/front-matter": {
    meaning: "The document has no front matter, or one without an end.",
    remedy: "Begin it with the lines `---`, `pipeline: <name>`, `---`.",
  },
  "document/invalid-value": {
    meaning: "A value in PIPELINE.md has the wrong form.",
    remedy: "Write it as the message shows.",
  },
  "document/invalid-yaml": {
    meaning: "A block of PIPELINE.md is not valid YAML.",
    remedy: "Mend the place named; values with `: ` or `#` need quotes.",
  },
  "document/missing-key": {
    meaning: "A key that must be there is missing.",
    remedy: "Add it.",
  },
  "document/stage-block": {
    meaning: "A section has no stage block, two, or one that does not end.",
    remedy: "Give every stage one `##` section with one ```yaml stage block.",
  },
  "document/unknown-key": {
    meaning: "PIPELINE.md has a key that steplab does not know.",
    remedy: "Correct it, or take it out.",
  },
  "document/unknown-parameter": {
    meaning: "A `$name`, a profile or `-p` names a value that the front matter does not have.",
    remedy: "Correct the name, or add it under `params`.",
  },
  "document/unknown-profile": {
    meaning: "`--profile` names a profile that the front matter does not have.",
    remedy: "Correct the name, or add it under `profiles`.",
  },
  "explore/no-artifact": {
    meaning: "An exploration reads an output that no run has made yet.",
    remedy: "Run the chain to that stage first: npx steplab run --to <stage>.",
  },
  "explore/unwired": {
    meaning: "An input of an exploration does not say where it comes from.",
    remedy: 'Write .from("stage.output") behind its kind.',
  },
  "export/exists": {
    meaning: "Where a run is to be exported to, something is already.",
    remedy: "Name another place with `--to`, or replace it with `--force`.",
  },
  "export/unsafe-path": {
    meaning: "A record names a file that would be written outside of the export.",
    remedy: "The record was changed: `npx steplab verify` looks at all of it.",
  },
  "file/not-json": {
    meaning: "A file that a notebook reads as JSON is none.",
    remedy: "Read it as text or line by line, or mend the file.",
  },
  "folder/invalid": {
    meaning:
      "A folder has other files than its declaration says: of another type, too few or too many.",
    remedy: "Mend the folder, or say in `a.folder({ media, min, max })` what it may hold.",
  },
  "folder/no-such-file": {
    meaning: "A notebook asks a folder for a file that is not in it.",
    remedy: "The hint names the nearest; `list()` gives all paths.",
  },
  "gc/protected": {
    meaning:
      "A run that was named for dropping is one that people come back to, or something needs.",
    remedy: "Name another run; the message says what needs it.",
  },
  "gc/under-way": {
    meaning: "Another `steplab gc` is at work in this archive.",
    remedy: "Wait until it has ended.",
  },
  "gc/unreadable": {
    meaning: "A record, or what protects artifacts, cannot be read: nobody knows what must stay.",
    remedy: "Restore the file the message names, or remove it; until then nothing is freed.",
  },
  "graph/cycle": {
    meaning: "Stages wait for each other in a circle.",
    remedy: "Take one of the wires out.",
  },
  "graph/duplicate-name": {
    meaning: "Two stages have one name.",
    remedy: "Give each a name of its own.",
  },
  "graph/missing-module": {
    meaning: "An import leads to no file.",
    remedy:
      "Correct the path; imports resolve from the notebook and name the file with its ending.",
  },
  "graph/missing-notebook": {
    meaning: "A stage's notebook does not exist.",
    remedy: "Correct the path, or make the notebook: `npx steplab new`.",
  },
  "graph/outside-project": {
    meaning: "A notebook or module lies outside the project.",
    remedy: "Move it into the project, or install it as a package; only data may lie anywhere.",
  },
  "graph/unknown-output": {
    meaning: "An input is wired to an output that its stage does not declare, or to a metric.",
    remedy: "Correct the name.",
  },
  "graph/unknown-stage": {
    meaning: "A wire or `after` names a stage that is not in the document.",
    remedy: "Correct the name; a file in the project's root is written `./name`.",
  },
  "hygiene/any-table": {
    meaning: "A table's rows have no type, so a wrong column name would go unseen.",
    remedy: "Give `a.table` a schema.",
  },
  "hygiene/clock": {
    meaning: "A stage reads the clock, so two runs on the same inputs may differ.",
    remedy: "Take the date as a parameter or from the data.",
  },
  "hygiene/computed-import": {
    meaning: "An import's path is computed, so the key cannot know the module's code.",
    remedy: "Import it by a fixed path.",
  },
  "hygiene/equal-cells": {
    meaning: "Two notebooks have a cell of the same code.",
    remedy: "Move it into a module that both import: mended in one place, it is mended in both.",
  },
  "hygiene/no-test": {
    meaning: "No test of the project names this stage.",
    remedy: 'Test it with `runStage` from "steplab/testing".',
  },
  "hygiene/randomness": {
    meaning: "A stage draws random values that no seed decides.",
    remedy: "Use Math.random(), which the stage's seed decides, or a digest of the data.",
  },
  "input/not-bound": {
    meaning: "An input was read that nothing is bound to.",
    remedy: "Wire it in PIPELINE.md, or run the stage that makes it first.",
  },
  "input/wrong-kind": {
    meaning: "What is bound to an input is of another kind than it declares.",
    remedy: "Wire it to an output of its kind.",
  },
  "internal/bug": {
    meaning: "steplab itself failed.",
    remedy: "Report it, with the lines that were printed.",
  },
  "json/invalid": {
    meaning: "A JSON artifact does not fit its schema.",
    remedy: "Write what the schema says, or change the schema.",
  },
  "jupyter/extension-not-built": {
    meaning: "The extension for JupyterLab is not part of this steplab.",
    remedy: "In a checkout, build it: `npm run build:lab`.",
  },
  "jupyter/no-kernel": {
    meaning: "The Jupyter Server started no kernel for a notebook.",
    remedy: "Its log says why; `npx steplab kernel install` registers the kernel.",
  },
  "jupyter/no-python": {
    meaning: "There is no JupyterLab, and no Python to set one up with.",
    remedy:
      "Install Python 3 with venv and pip (Debian and Ubuntu: `apt install python3-venv`), or JupyterLab itself.",
  },
  "jupyter/not-found": {
    meaning: "What `--jupyter` names is no JupyterLab that starts.",
    remedy: "Name its `jupyter-lab`, or the folder of the environment that it is in.",
  },
  "jupyter/not-started": {
    meaning: "JupyterLab's server ended before it was ready.",
    remedy: "Read why in the log that is named.",
  },
  "jupyter/setup-failed": {
    meaning: "JupyterLab could not be installed into the project's environment.",
    remedy: "Check the network and pip's settings; the log that is named has pip's words.",
  },
  "kernel/connection-file": {
    meaning: "A kernel's connection file cannot be read, or lacks what it needs.",
    remedy: "Let `npx steplab run` or Jupyter start the kernel: they write the file.",
  },
  "kernel/no-stdin": {
    meaning: "Code asked the person a question where nobody can answer.",
    remedy: "Make the answer a parameter; `prompt` works in JupyterLab only.",
  },
  "kernel/not-found": {
    meaning:
      "The kernel that a stage's notebook names is neither in the project nor known to Jupyter.",
    remedy: "`npm install --save-dev tslab` (or `deno`), or choose the kernel steplab.",
  },
  "kernel/not-started": {
    meaning: "A kernel process did not become ready.",
    remedy: "Look at the message it left; `npm install` again when a native package is missing.",
  },
  "kernel/unhandled-rejection": {
    meaning: "A promise or a callback failed outside of any cell, and nothing handled it.",
    remedy: "Await the promise in the cell that makes it, or catch its error.",
  },
  "key/undeclared-read": {
    meaning:
      "A stage read a file, a variable of the environment or an address that it does not declare, so its key does not know when that changes.",
    remedy:
      "Make a file or address an input (`npx steplab lint --fix` writes it), a variable a parameter or a secret; then read it through that.",
  },
  "lint/errors": {
    meaning: "The project does not lint: nothing was run.",
    remedy: "Mend the diagnostics; `npx steplab lint --fix` mends what is mechanical.",
  },
  "model/bad-state": {
    meaning: "A fitted transformer holds something that cannot be stored as data.",
    remedy:
      "Keep JSON values, dates and typed arrays in the state, and make the rest of them in `apply`.",
  },
  "model/code-changed": {
    meaning: "A stored model was fitted with other code than the project now has.",
    remedy:
      "Train again, or go back to the code it was trained with (the record names the commit).",
  },
  "model/code-missing": {
    meaning: "The project does not have the code of a stored model.",
    remedy: "Bring the module back, or train again.",
  },
  "model/damaged": {
    meaning: "A stored model's files do not belong together.",
    remedy: "`npx steplab verify` names what is damaged; train again.",
  },
  "model/no-module": {
    meaning: "A transformer does not stand in a module of the project, exported.",
    remedy: "Move it into a `.ts` file beside the notebooks and export it.",
  },
  "model/package-missing": {
    meaning: "A bundle needs a package that is not installed here.",
    remedy: "Run `npm install` in the bundle's folder, or install the package where it is loaded.",
  },
  "model/signature": {
    meaning: "A model, its example or its answers do not fit the declared signature.",
    remedy: "Make the schemas of `a.model({ input, output })` those the chain was fitted for.",
  },
  "note/not-json": {
    meaning: "A decision sets a value that JSON cannot hold.",
    remedy: "Write it as PIPELINE.md would: text, a number, true or false, a list, an object.",
  },
  "note/unknown-input": {
    meaning: "A note says it was made on an input that the notebook does not have.",
    remedy: "Correct the name, or leave `on` out: all bound inputs are taken.",
  },
  "notebook/invalid-format": {
    meaning: "A notebook's structure is not nbformat 4.",
    remedy: "Save it from JupyterLab, or mend the member that is named.",
  },
  "notebook/invalid-json": {
    meaning: "A notebook is not valid JSON.",
    remedy: "Open it in a text editor at the place named, or take the last good version from git.",
  },
  "notebook/missing-ids": {
    meaning: "Cells of a notebook have no id, which nbformat 4.5 wants.",
    remedy: "Run `npx steplab lint --fix`, or save the notebook in JupyterLab.",
  },
  "notebook/unsupported-format": {
    meaning:
      "A notebook is of an nbformat version that steplab does not read: below 4, or above 4.5.",
    remedy: "Open and save it in a current JupyterLab.",
  },
  "open/nothing-executed": {
    meaning: "A stage was to be opened as it ran, and it did not run.",
    remedy: "Open a run in which it did: `npx steplab runs --stage <name>` lists them.",
  },
  "open/unknown-cell": {
    meaning: "`--at` names a cell that the executed notebook does not have.",
    remedy: "Name the cell's number, its id, or its slot.",
  },
  "output/failed": {
    meaning: "An output could not be written.",
    remedy: "The message names the output and the reason.",
  },
  "output/not-written": {
    meaning: "A stage ended without writing an output it declares.",
    remedy: "Write it, or take it out of the outputs cell.",
  },
  "output/written-twice": {
    meaning: "A stage wrote one output twice.",
    remedy: "Write it once, or declare two outputs.",
  },
  "parameter/inject-late": {
    meaning: "Parameters were injected after they had been read.",
    remedy: "Put the cell tagged injected-parameters directly before the parameters cell.",
  },
  "parameter/invalid": {
    meaning: "A parameter given on the command line or in a file does not fit its declaration.",
    remedy: "The message names the parameter and what is expected.",
  },
  "parameter/unknown-stage": {
    meaning: "A parameter was set for a stage that does not exist.",
    remedy: "Name a stage of PIPELINE.md: -p stage.name=value.",
  },
  "plot/cannot-draw": {
    meaning: "A chart was asked for that its mark cannot draw from these columns.",
    remedy: "The message says which column the mark needs, or which mark fits.",
  },
  "project/exists": {
    meaning: "`steplab init` was asked to make a project where there is one.",
    remedy: "Name another folder, or go on with the project that is there.",
  },
  "project/in-the-way": {
    meaning: "A file that was to be written is there already. It was not changed.",
    remedy: "Move it away, choose another name, or make the project with `--bare`.",
  },
  "project/not-found": {
    meaning: "No PIPELINE.md here or in any folder above.",
    remedy: "Go to a project's folder, or make one.",
  },
  "project/unreadable-file": {
    meaning: "A file of the project cannot be read.",
    remedy: "Give permission, or mend what the message names.",
  },
  "project/unwatchable": {
    meaning: "The system does not tell of changes in a folder.",
    remedy: "Raise the limit that the message names, or run by hand: `npx steplab run`.",
  },
  "run/elsewhere": {
    meaning: "A run was to be cancelled that a process of another machine owns.",
    remedy: "Cancel it on that machine.",
  },
  "run/not-started": {
    meaning: "A front end started a run, and its process ended before the run began.",
    remedy: "The message has its last words; a terminal shows all of them: `npx steplab run`.",
  },
  "run/nothing-selected": {
    meaning: "No stage is selected.",
    remedy: "Look at --from, --to and --only.",
  },
  "run/unknown-input": {
    meaning: "An input that does not exist was named.",
    remedy: "-i stage.input=path takes a stage and one of its inputs.",
  },
  "run/unknown-stage": {
    meaning: "A stage that does not exist was named.",
    remedy: "Stage names are those of PIPELINE.md.",
  },
  "run/upstream-missing": {
    meaning: "A selected stage needs the result of a stage that is not selected and has none.",
    remedy: "Run the stage before too.",
  },
  "server/no-files": {
    meaning: "The Jupyter Server did not take or give a file over its contents interface.",
    remedy:
      "Allow the interface to read and write, or mount the project there under the same path.",
  },
  "server/no-kernel": {
    meaning: "The Jupyter Server of `--server` has no steplab kernel.",
    remedy: "Install it for that Jupyter: `npx steplab kernel install`.",
  },
  "server/not-shared": {
    meaning:
      "With `--files shared`, the server's kernels do not see the project in the folder in which it is run.",
    remedy: "Mount the project there under the same path, or leave `--files` out.",
  },
  "server/refused": {
    meaning: "The Jupyter Server does not take the token.",
    remedy: "`jupyter server list` shows it; give it in the variable JUPYTER_TOKEN.",
  },
  "server/unreachable": {
    meaning: "Nothing that answers as a Jupyter Server is at the address of `--server`.",
    remedy: "Start it, or name its base address as `jupyter server list` shows it.",
  },
  "service/invalid-question": {
    meaning: "A front end asked the project's service something that it does not know.",
    remedy: "Install the extension and the kernel from one version: `npx steplab lab install`.",
  },
  "service/stopped": {
    meaning: "The project's service ended while it was asked, or could not be started.",
    remedy: "Ask again: it is started anew. The kernel's log has its last words.",
  },
  "service/version-mismatch": {
    meaning: "A front end and the project's steplab are too far apart to understand each other.",
    remedy: "Install the extension of the project's steplab: `npx steplab lab install`.",
  },
  "secret/in-output": {
    meaning:
      "An output, or the rows kept for a check, contain a secret that the notebook has read.",
    remedy:
      "Leave the value out of what is written: artifacts are kept for ever and read by others.",
  },
  "secret/missing": {
    meaning: "A secret the notebook asks for is not in the environment.",
    remedy: "Set the environment variable of that name where the run is started.",
  },
  "secret/too-short": {
    meaning: "A secret is so short that it would be found in any text by chance.",
    remedy: "Use one of 6 characters or more; a value that is no secret is a parameter.",
  },
  "source/missing": {
    meaning: "A file that a stage reads does not exist.",
    remedy: "Put it there, change PIPELINE.md, or give another with -i stage.input=path.",
  },
  "source/not-fetched": {
    meaning: "An offline run needs a URL that was never fetched.",
    remedy: "Run once without --offline.",
  },
  "source/unreachable": {
    meaning: "A URL could not be fetched.",
    remedy: "Try again, use --offline to take the last fetch, or give a file with -i.",
  },
  "source/unreadable": {
    meaning: "A file that a stage reads is there and could not be read.",
    remedy: "Give yourself permission to read it, or leave it out of what the stage reads.",
  },
  "sql/failed": {
    meaning: "A query could not be run.",
    remedy: "The message is the database's own; the place it names is in the query.",
  },
  "sql/unusable-value": {
    meaning: "A value in a query is neither a table nor a plain value.",
    remedy: "Use tables, inputs, numbers, text, booleans, dates, bigints or null.",
  },
  "store/damaged": {
    meaning: "An object's bytes no longer have its digest.",
    remedy:
      "`npx steplab verify` shows what it affects; run its stage with --force, or restore the object.",
  },
  "store/missing": {
    meaning: "An object is not in the store.",
    remedy: "`npx steplab verify` shows what it affects; run its stage with --force.",
  },
  "store/not-a-file": {
    meaning: "A folder artifact holds something that is neither a file nor a folder.",
    remedy: "Write files and folders only.",
  },
  "store/unsafe-name": {
    meaning:
      "A file of a folder artifact has a name that another system could not keep, or that would lead out of the folder.",
    remedy:
      "Rename it: relative, forward slashes, no `..`, no character or name that Windows forbids, no two names that differ in capitals only.",
  },
  "structure/lock-missing": {
    meaning: "Cells lack the locks that their template sets.",
    remedy: "Run `npx steplab lint --fix`.",
  },
  "structure/locked-cell-edited": {
    meaning: "A cell that the template fixes was edited.",
    remedy: "Restore it: `npx steplab lint --fix`.",
  },
  "structure/saved-outputs": {
    meaning: "A source notebook was saved with outputs.",
    remedy: "Clear them: `npx steplab lint --fix`.",
  },
  "structure/shadowed-global": {
    meaning: "A top-level name hides one of Node's globals from every module of the process.",
    remedy: "Choose another name.",
  },
  "structure/slot-kind": {
    meaning:
      "A slot's cell is of the wrong type: markdown where code belongs, or code where markdown does.",
    remedy: "Change the cell's type.",
  },
  "structure/slot-missing": {
    meaning: "A slot that the template requires is missing.",
    remedy: "Put it back: `npx steplab lint --fix`.",
  },
  "structure/slot-order": {
    meaning: "A slot stands at another place than in the template.",
    remedy: "Move the cell.",
  },
  "structure/slot-repeated": {
    meaning: "A slot that may stand once stands twice.",
    remedy: "Join the cells into one.",
  },
  "structure/syntax": {
    meaning: "A cell is not valid TypeScript.",
    remedy: "Mend the place named.",
  },
  "structure/template-requires": {
    meaning: "A stage lacks what every stage of its template must do.",
    remedy: "Add what is named, or choose another template.",
  },
  "structure/unknown-template": {
    meaning: "A notebook names no template, or one that does not exist.",
    remedy: "Set `metadata.steplab.template` to one of the templates named.",
  },
  "structure/wrong-kernel": {
    meaning: "A notebook is set to a kernel that cannot run stages: not steplab, tslab or Deno.",
    remedy: "Run `npx steplab lint --fix`, or choose the steplab kernel in JupyterLab.",
  },
  "table/column-clash": {
    meaning: "Both tables of a join have a column that is no key.",
    remedy: "Drop or rename it on one side first.",
  },
  "table/columns": {
    meaning: "A table's columns are not those of its schema.",
    remedy: "Select, derive or drop columns until they are.",
  },
  "table/no-such-column": {
    meaning: "A table has no column of this name.",
    remedy: "The message names the columns it has.",
  },
  "table/no-such-row": {
    meaning: "A table has fewer rows.",
    remedy: "Ask numRows() first.",
  },
  "table/unreadable": {
    meaning: "A file is not a Parquet file that can be read.",
    remedy: "Make it again, or look at what wrote it.",
  },
  "table/unsupported-column": {
    meaning: "A column's type cannot be stored in a table.",
    remedy: "Use numbers, text, booleans, dates or enums; write nested values as JSON text.",
  },
  "table/value": {
    meaning: "A value of a table does not fit its schema.",
    remedy: "Mend the value in the row named, or change the schema.",
  },
  "test/value": {
    meaning: "A value given to runStage does not fit the kind of its input.",
    remedy:
      "Rows for tables, a value for JSON, text or bytes for files, { path } for anything that lies on disk.",
  },
  "transform/bad-params": {
    meaning: "A transformer was given parameters it cannot take.",
    remedy: "The message names each; the transformer's `.params` is their schema.",
  },
  "transform/bad-target": {
    meaning: "A row to learn from has no number as its target.",
    remedy: "Filter such rows out before fitting.",
  },
  "transform/column-length": {
    meaning: "A transformer gave a column of another length than the rows it was given.",
    remedy: "`apply` gives one value a row, in the order of the rows.",
  },
  "transform/no-such-step": {
    meaning: "A fitted chain was asked for the state of a transformer it does not hold.",
    remedy: "Ask for one of the steps that the message names.",
  },
  "transform/no-target": {
    meaning: "A transformer that learns from a target was fitted without one.",
    remedy: 'Name the column: `fit(rows, { target: "price" })`.',
  },
  "transform/no-text": {
    meaning: "A transformer of texts was given a column whose values have no form as text.",
    remedy: "Derive a column of text from it first, or choose another column.",
  },
  "transform/unknown-column": {
    meaning: "Rows lack a column that a model was fitted on.",
    remedy: "Give the columns of the model's signature.",
  },
  "types/compiler-failed": {
    meaning: "The TypeScript compiler could not be started, or died.",
    remedy: "Install the packages again (npm ci), or lint without types.",
  },
  "types/error": {
    meaning: "TypeScript found an error in a cell.",
    remedy: "Mend the line; the message is the compiler's.",
  },
  "types/not-shown": {
    meaning: "A front end asked the kernel about a notebook, or a cell, that it has not sent.",
    remedy: "Send the notebook on the comm steplab.types first, and again after every edit.",
  },
  "types/redeclared": {
    meaning: "A name is declared in two cells of one notebook.",
    remedy: "Rename one of them: a notebook is one module.",
  },
  "types/wire": {
    meaning: "The compiler refuses what one stage writes as what another reads.",
    remedy: "Make both ends use one schema.",
  },
  "wire/bad-signature": {
    meaning: "A kernel message's signature does not fit the connection's key.",
    remedy: "Both ends must read the same connection file.",
  },
  "wire/invalid-message": {
    meaning: "Bytes on a kernel's socket are not a Jupyter message.",
    remedy: "See which program connects to the kernel's ports.",
  },
} as const satisfies Record<string, { meaning: string; remedy: string }>;

export type Code = keyof typeof CODES;

/**
 * A stage as a unit under test: `runStage("process", { inputs, params })` runs its real notebook in a real
 * kernel on the values given, outside the archive. What `steplab/testing` exports.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeParameters } from "../core/decode.ts";
import { digestOf } from "../core/digest.ts";
import type { Contract } from "../core/contract.ts";
import { StepLabError } from "../core/error.ts";
import { readNotebook, type Notebook } from "../core/notebook/index.ts";
import { archiveOf } from "../lineage/archive.ts";
import { plannedStage } from "../lineage/planned-stage.ts";
import type { CheckRecord, RunId, StageRecord } from "../lineage/record.ts";
import { ObjectStore } from "../lineage/store/objects.ts";
import { lint } from "../pipeline/lint/index.ts";
import type { Stage } from "../pipeline/pipeline.ts";
import { readFixture, writeFixture, type FixtureValue } from "../stage/fixture.ts";
import { runStage as execute, type BoundInput } from "./execute/stage-run.ts";
import { findProjectRoot } from "./find-project.ts";
import { KernelPool } from "./jupyter/pool.ts";
import { stageSeed } from "./key/key.ts";
import { mergeDeep } from "../core/merge.ts";
import type { Json } from "../core/json.ts";

/** What {@link runStage} runs a stage with, in place of what PIPELINE.md says. */
export interface StageTest {
  /** By input name: rows for tables, a value for JSON, text or bytes for files, `{ path }` for anything that lies on disk. */
  inputs?: Record<string, FixtureValue>;
  /** Over what PIPELINE.md says; decoded by the stage's schema. */
  params?: Record<string, Json>;
  /** Default: the document's. */
  seed?: number;
  /** Default: the nearest PIPELINE.md upwards from the working directory. */
  projectRoot?: string;
  document?: string;
}

/** What came of a stage that {@link runStage} ran. Disposing it removes its files. */
export interface StageTestResult extends AsyncDisposable {
  status: StageRecord["status"];
  checks: CheckRecord[];
  /** By name, the last value. */
  metrics: Record<string, number>;
  error: StageRecord["error"];
  /** The executed notebook: what every cell showed. */
  notebook: Notebook | null;
  record: StageRecord;
  /** Rows of a table, the value of JSON, the bytes of a file, the path of a folder or model. Undefined when the stage did not write it, or did not succeed. */
  output(name: string): Promise<unknown>;
  /** Absolute path of an output, until the result is disposed. */
  path(name: string): string | undefined;
}

/**
 * Runs one stage of the pipeline on the values given, in a kernel of its own and outside the archive. The result holds a
 * temporary folder until it is disposed (`await using`) or the process ends.
 *
 *     await using clean = await runStage("clean", { inputs: { delivery: "id,price\n1,50\n" }, params: { maxPrice: 100 } });
 *     assert.equal(clean.status, "succeeded");
 *     assert.deepEqual(await clean.output("prices"), [{ id: 1, price: 50 }]);
 *
 * @throws StepLabError when the project has no such stage, its notebook does not lint, or a value does not fit
 */
export async function runStage(name: string, test: StageTest = {}): Promise<StageTestResult> {
  const projectRoot = test.projectRoot ?? findProjectRoot(process.cwd());
  const { stage, contract, index } = await readStage(
    projectRoot,
    name,
    test.document ?? "PIPELINE.md",
  );
  const folder = mkdtempSync(join(tmpdir(), "steplab-stage-"));
  removeAtExit(folder);
  const store = new ObjectStore(archiveOf(folder));
  const params = decodeParameters(contract.parameters, mergeDeep(stage.params, test.params ?? {}));
  if (params.problems.length > 0) {
    throw new StepLabError(
      "parameter/invalid",
      params.problems.map(({ path, message }) => `${name}.${path}: ${message}`).join("\n"),
    );
  }
  await using pool = new KernelPool(projectRoot);
  const record = await execute({
    projectRoot,
    run: "test" as RunId, // no run of the archive
    runFolder: folder,
    folder: name,
    scratch: join(folder, "scratch"),
    stage,
    planned: plannedStage({ index, template: "", params: params.values, source: digestOf("") }),
    contract,
    modules: {},
    inputs: await bind(contract, test.inputs ?? {}, store, folder, name),
    key: null,
    seed: stageSeed(test.seed ?? 0, name),
    mode: "test",
    store,
    kernel: (...kernel) => pool.take(...kernel),
    signal: new AbortController().signal,
    tell: () => undefined,
    now: () => Date.now(),
  });
  return resultOf(record, contract, folder);
}

async function readStage(
  projectRoot: string,
  name: string,
  document: string,
): Promise<{ stage: Stage; contract: Contract; index: number }> {
  const result = await lint(projectRoot, { document, only: [name], types: false });
  const stage = result.pipeline?.stages.find((each) => each.name === name);
  const contract = result.contracts.get(name);
  if (stage !== undefined && contract !== undefined)
    return { stage, contract, index: result.order.indexOf(name) + 1 };
  if (stage === undefined && result.pipeline !== null) {
    throw new StepLabError("run/unknown-stage", `${document} has no stage "${name}".`, {
      hint: `It has: ${result.order.join(", ")}.`,
    });
  }
  // In the message too: a test shows no more of an error than that.
  const errors = result.diagnostics.filter(({ severity }) => severity === "error");
  const said = errors.map(({ at, message }) => `\n${at.file}: ${message}`).join("");
  throw new StepLabError("lint/errors", `Stage "${name}" does not lint.${said}`, {
    hint: "npx steplab lint shows the places.",
    diagnostics: result.diagnostics,
  });
}

async function bind(
  contract: Contract,
  given: Record<string, FixtureValue>,
  store: ObjectStore,
  folder: string,
  stage: string,
): Promise<Record<string, BoundInput>> {
  const names = Object.keys(contract.inputs);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new StepLabError("run/unknown-input", `Stage "${stage}" has no input "${unknown}".`, {
      hint: `It has: ${names.join(", ") || "none"}.`,
    });
  const bound: Record<string, BoundInput> = {};
  for (const [name, port] of Object.entries(contract.inputs)) {
    if (port.kind === "metric") continue;
    if (!(name in given))
      throw new StepLabError(
        "run/unknown-input",
        `Input "${name}" of stage "${stage}" is not given.`,
        { hint: `runStage("${stage}", { inputs: { ${name}: … } })` },
      );
    const { path, mediaType } = await writeFixture(port, given[name], folder, name);
    const isFolder = statSync(path).isDirectory();
    const stored = isFolder ? store.putFolder(path) : store.takeFile(path);
    bound[name] = {
      kind: port.kind,
      ...stored,
      mediaType,
      source: { path: `test:${name}` },
      folder: isFolder,
      rows: null,
    };
  }
  return bound;
}

function resultOf(record: StageRecord, contract: Contract, folder: string): StageTestResult {
  const path = (name: string): string | undefined => {
    const output = record.outputs[name];
    return output === undefined ? undefined : join(folder, output.path);
  };
  return {
    status: record.status,
    checks: record.checks,
    metrics: Object.fromEntries(
      Object.entries(record.metrics).map(([name, { value }]) => [name, value]),
    ),
    error: record.error,
    notebook:
      record.notebook.path === null
        ? null
        : readNotebook(
            readFileSync(join(folder, record.notebook.path), "utf8"),
            record.notebook.path,
          ).notebook,
    record,
    path,
    async output(name) {
      const port = contract.outputs[name];
      const at = path(name);
      return port === undefined || at === undefined ? undefined : await readFixture(port, at);
    },
    [Symbol.asyncDispose]: () => {
      folders.delete(folder);
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

/** Folders of results that nobody disposed; one listener for all, because a test file runs many stages. */
const folders = new Set<string>();
let listening = false;

function removeAtExit(folder: string): void {
  if (!listening) {
    listening = true;
    process.once("exit", () => {
      for (const each of folders) rmSync(each, { recursive: true, force: true });
    });
  }
  folders.add(folder);
}

/** The kernel before other people's clients: jupyter_kernel_test, nbclient and papermill. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  codeCell,
  makeNotebook,
  readNotebook,
  STEPLAB_KERNELSPEC,
  type Notebook,
} from "../../core/notebook/index.ts";
import type { Project } from "../rig/project.ts";
import { streamText } from "../rig/run.ts";
import { HERE, openClients, type Clients, type Ran } from "./rig/clients.ts";

let clients: Clients;
let project: Project;

beforeAll(async () => {
  clients = await openClients();
  ({ project } = clients);
});

afterAll(async () => {
  await clients?.[Symbol.asyncDispose]();
});

/** A program of the environment, in a folder of the project. */
const python = (words: readonly string[], cwd = ".", env: Record<string, string> = {}): Ran =>
  clients.run(words, { cwd, env });

describe("jupyter_kernel_test", () => {
  const TESTS = [
    "KernelTests.test_clear_output",
    "KernelTests.test_completion",
    "KernelTests.test_display_data",
    "KernelTests.test_error",
    "KernelTests.test_execute_result",
    "KernelTests.test_execute_stderr",
    "KernelTests.test_execute_stdout",
    "KernelTests.test_history",
    "KernelTests.test_inspect",
    "KernelTests.test_is_complete",
    "KernelTests.test_kernel_info",
    "IopubWelcomeTests.test_recv_iopub_welcome_msg",
  ];
  let told: { name: string; why: string | null }[];

  beforeAll(() => {
    const { stdout, stderr } = python(["python", join(HERE, "kernel_test.py")]);
    const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
    told = lines.map((line) => JSON.parse(line) as (typeof told)[number]); // written by kernel_test.py
    if (told.length === 0) throw new Error(stderr);
  });

  test("has no other tests than these", () => {
    expect(told.map(({ name }) => name).sort()).toEqual(TESTS.toSorted());
  });

  test.each(TESTS)("%s passes", (name) => {
    expect(told.find((each) => each.name === name)?.why).toBeNull();
  });
});

/** A notebook of these cells in the project, executed by nbclient. */
async function executed(
  options: object,
  ...sources: string[]
): Promise<{ error: { type: string; text: string } | null; notebook: Notebook }> {
  const cells = sources.map((source, i) => codeCell(source, { id: `cell-${i}` }));
  await project.write("notebooks/here.ipynb", makeNotebook(cells, STEPLAB_KERNELSPEC));
  const { stdout, stderr } = python(
    ["python", join(HERE, "execute.py"), "here.ipynb", "executed.ipynb", JSON.stringify(options)],
    "notebooks",
  );
  expect(stdout, stderr).not.toBe("");
  const told = JSON.parse(stdout) as { error: { type: string; text: string } | null }; // written by execute.py
  return { ...told, notebook: await notebookAt("notebooks/executed.ipynb") };
}

async function notebookAt(path: string): Promise<Notebook> {
  const { notebook } = readNotebook(await project.read(path), path);
  if (notebook === null) throw new Error(`${path} cannot be read`);
  return notebook;
}

const textOf = ({ cells }: Notebook, cell: number): string =>
  streamText(cells[cell]?.outputs ?? []);

describe("nbclient", () => {
  test("executes cells in order, with streams, displays that are updated, and results", async () => {
    const { error, notebook } = await executed(
      {},
      `import { display } from "steplab"; console.log("one"); console.error("two"); 1 + 1`,
      `const state = display("before"); state.update("after");`,
    );
    expect(error).toBeNull();
    expect(notebook.cells.map(({ executionCount }) => executionCount)).toEqual([1, 2]);
    expect(textOf(notebook, 0)).toBe("one\ntwo\n");
    expect(notebook.cells[0]?.outputs?.at(-1)).toMatchObject({ data: { "text/plain": "2" } });
    expect(notebook.cells[1]?.outputs).toMatchObject([{ data: { "text/plain": "after" } }]);
  });

  test("stops at a cell that fails, and tells its error as the person would see it", async () => {
    const { error, notebook } = await executed({}, "1", "throw new RangeError('too far')", "3");
    expect(error?.type).toBe("CellExecutionError");
    expect(error?.text).toContain("RangeError: too far");
    expect(error?.text).toContain("In [2], line 1:7");
    expect(notebook.cells.map(({ executionCount }) => executionCount)).toEqual([1, 2, null]);
  });

  test("goes on behind a failing cell when it is allowed to fail", async () => {
    const { error, notebook } = await executed(
      { allow_errors: true },
      "let n = 4; console.log(n); throw new Error('x')",
      "console.log(n + 1)",
    );
    expect([error, textOf(notebook, 0), textOf(notebook, 1)]).toEqual([null, "4\n", "5\n"]);
  });

  test.each(["for (;;);", "await new Promise(() => {})"])(
    "interrupts a cell that takes too long, %s, and goes on with the state kept",
    async (code) => {
      const { error, notebook } = await executed(
        { timeout: 3, interrupt_on_timeout: true, allow_errors: true },
        "let n = 41;",
        `n = 42; ${code}`,
        "console.log(n)",
      );
      expect(error).toBeNull();
      expect(notebook.cells[1]?.outputs).toMatchObject([{ ename: "Interrupted" }]);
      expect(textOf(notebook, 2)).toBe("42\n");
    },
  );

  test("gives up at a cell that takes too long, and leaves no kernel", async () => {
    const { error } = await executed({ timeout: 2 }, "console.log(process.pid); for (;;);");
    expect(error?.type).toBe("CellTimeoutError");
    const { stdout } = spawnSync("ps", ["-eo", "args="], { encoding: "utf8" });
    const left = stdout.split("\n").filter((line) => line.includes(project.path("home/runtime")));
    expect(left).toEqual([]);
  });

  test("learns that a kernel died in a cell", async () => {
    const { error } = await executed({}, "process.exit(3)");
    expect(error?.type).toBe("DeadKernelError");
  });
});

describe("papermill", () => {
  test("executes a stage as it stands, bound as in JupyterLab, when it is told which", async () => {
    const words = ["2-process.ipynb", "out.ipynb", "--no-progress-bar"];
    const untold = python(["papermill", ...words], "notebooks");
    expect(untold.stderr).toContain("Set the environment variable STEPLAB_NOTEBOOK");
    const { code, stderr } = python(["papermill", ...words], "notebooks", {
      STEPLAB_NOTEBOOK: project.path("notebooks/2-process.ipynb"),
    });
    expect(code, stderr).toBe(0);
    const notebook = await notebookAt("notebooks/out.ipynb");
    const source = await notebookAt("notebooks/2-process.ipynb");
    // It injects a cell only for parameters that it is given.
    expect(notebook.cells.map(({ source }) => source)).toEqual(
      source.cells.map(({ source }) => source),
    );
    const results = notebook.cells.flatMap(({ outputs = [] }) => outputs);
    expect(results.some(({ output_type }) => output_type === "error")).toBe(false);
    expect(JSON.stringify(results)).toContain("temperatures of this place");
  });

  test("refuses a parameter that it is given, since it knows no TypeScript: steplab's way is -p of steplab run", () => {
    const words = ["2-process.ipynb", "out.ipynb", "--no-progress-bar", "-p", "maxMissing", "0.5"];
    const { code, stderr } = python(["papermill", ...words], "notebooks");
    expect(code).not.toBe(0);
    expect(stderr).toContain("No parameter translator functions specified");
  });

  test("ends with what failed, and keeps the notebook up to there", async () => {
    const cells = ["console.log('before')", "null!.x", "2"].map((source) => codeCell(source));
    await project.write("notebooks/fails.ipynb", makeNotebook(cells, STEPLAB_KERNELSPEC));
    const { code, stderr } = python(
      ["papermill", "fails.ipynb", "failed.ipynb", "--no-progress-bar"],
      "notebooks",
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain("TypeError: Cannot read properties of null");
    expect(existsSync(project.path("notebooks/failed.ipynb"))).toBe(true);
    // papermill puts cells of its own above what failed.
    const { cells: kept } = await notebookAt("notebooks/failed.ipynb");
    expect(kept.flatMap(({ outputs = [] }) => streamText(outputs)).join("")).toContain("before\n");
  });
});

import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { writeNotebook } from "../../core/notebook/index.ts";
import type { RunId } from "../../lineage/record.ts";
import type { Push, Questions } from "../../runner/service/protocol.ts";
import { KernelClient } from "../rig/kernel-client.ts";
import { childrenOf } from "../rig/processes.ts";
import type { Project } from "../rig/project.ts";
import { Refused, ServiceClient } from "../rig/service-client.ts";
import { IMPORTS } from "../rig/notebook.ts";
import { DOUBLE, MAKE, notebookOf, notebookPath, stepProject, type Step } from "../rig/steps.ts";

const SLOW: Step = {
  outputs: "const output = outputs({ n: a.json(z.int()) });",
  body: "await new Promise((resolve) => setTimeout(resolve, 60_000));\nawait output.n.write(1);",
};

async function chain(): Promise<Project> {
  return await stepProject({ make: MAKE, double: DOUBLE });
}

async function refusal(asked: Promise<unknown>): Promise<Refused["failure"]> {
  const error = await asked.catch((failure: unknown) => failure);
  if (error instanceof Refused) return error.failure;
  throw new Error("it was answered");
}

const isEnd = (push: Push): push is Extract<Push, { push: "ended" }> => push.push === "ended";

function eventsOf(client: ServiceClient): string[] {
  return client.pushes.flatMap((push) =>
    push.push === "events" ? push.events.map(({ type }) => type) : [],
  );
}

describe("what a front end asks of a project", () => {
  test("the project is the one around the folder that the kernel was started in", async () => {
    await using project = await chain();
    await using client = ServiceClient.start(project, "notebooks");
    const hello = await client.ask("hello", { version: 1 });
    expect(hello).toMatchObject({ version: 1, root: project.root, document: "PIPELINE.md" });
  });

  test("another version of the protocol, and what is no question, are refused by name", async () => {
    await using project = await chain();
    await using client = ServiceClient.start(project);
    const versions = await client.send({ ask: "hello", version: 2 });
    expect(versions).toMatchObject({ error: { code: "service/version-mismatch" } });
    for (const ask of ["what", "constructor", 1])
      expect(await client.send({ ask })).toMatchObject({
        error: { code: "service/invalid-question" },
      });
    expect(await refusal(client.ask("pipeline", { document: "../other.md" }))).toMatchObject({
      code: "cli/usage",
    });
  });

  test("unsaved texts stand for the files, each front end has its own, and closing forgets them", async () => {
    await using project = await chain();
    await using client = ServiceClient.start(project);
    const other = client.another();
    expect((await client.ask("lint", {})).diagnostics.filter(isError)).toEqual([]);
    const text = writeNotebook(
      notebookOf({ ...DOUBLE, body: "await output.n.write(await input.m.read());" }),
    );
    await client.ask("edit", { texts: { [notebookPath("double")]: text } });
    const found = (await client.ask("lint", {})).diagnostics.filter(isError);
    expect(found.map(({ code, at }) => [code, at.file])).toContainEqual([
      "types/error",
      "notebooks/double.ipynb",
    ]);
    expect((await other.ask("lint", {})).diagnostics.filter(isError)).toEqual([]);
    await client.ask("edit", { texts: { [notebookPath("double")]: null } });
    expect((await client.ask("lint", {})).diagnostics.filter(isError)).toEqual([]);
  });

  test("declarations that are being typed are not evaluated", async () => {
    await using project = await chain();
    await using client = ServiceClient.start(project);
    await client.ask("lint", {});
    const thrown = 'const params = parameters({ n: (() => { throw new Error("typed"); })() });';
    const text = writeNotebook(notebookOf({ ...MAKE, parameters: thrown }));
    await client.ask("edit", { texts: { [notebookPath("make")]: text } });
    const typed = await client.ask("lint", {});
    expect(typed.diagnostics.map(({ code }) => code)).not.toContain("contract/declaration-failed");
    // Saved, they are: by the same lint.
    await project.write(notebookPath("make"), text);
    await client.ask("edit", { texts: { [notebookPath("make")]: null } });
    const saved = await client.ask("lint", {});
    expect(saved.diagnostics.map(({ code }) => code)).toContain("contract/declaration-failed");
  });

  test("a member that is renamed where it is written is an error where it is read, before anything is saved", async () => {
    const shape = (name: string): string => `a.json(z.object({ ${name}: z.int() }))`;
    const make: Step = {
      outputs: `const output = outputs({ n: ${shape("rows")} });`,
      body: "await output.n.write({ rows: 1 });",
    };
    await using project = await stepProject({
      make,
      double: {
        ...DOUBLE,
        inputs: { n: [shape("rows"), "make.n"] },
        body: "await output.n.write((await input.n.read()).rows);",
      },
    });
    await using client = ServiceClient.start(project);
    expect((await client.ask("lint", {})).diagnostics.filter(isError)).toEqual([]);
    const renamed = notebookOf({
      outputs: `const output = outputs({ n: ${shape("count")} });`,
      body: "await output.n.write({ count: 1 });",
    });
    await client.ask("edit", { texts: { [notebookPath("make")]: writeNotebook(renamed) } });
    const found = (await client.ask("lint", {})).diagnostics.filter(isError);
    expect(found.map(({ code, at }) => [code, at.file])).toEqual([
      ["types/wire", notebookPath("double")],
    ]);
  });

  test("notebooks come with the slots that their cells fill, and with the cells that would fill the missing ones", async () => {
    await using project = await stepProject({ make: MAKE });
    await project.write(
      "templates/step.ipynb",
      (await project.read("templates/step.ipynb")).replaceAll(
        '"required": false',
        '"required": true',
      ),
    );
    const notebook = notebookOf(MAKE);
    const cells = notebook.cells.filter(({ slot }) => slot !== "inputs");
    await project.write(notebookPath("make"), { ...notebook, cells });
    await using client = ServiceClient.start(project);
    const { notebooks } = await client.ask("lint", {});
    const shape = notebooks[notebookPath("make")];
    expect(shape).toMatchObject({ template: "step", stages: ["make"] });
    expect(shape?.cells.map(({ slot }) => slot)).toEqual(cells.map(({ slot }) => slot ?? "body"));
    const [missing] = shape?.missing.filter(({ slot }) => slot === "inputs") ?? [];
    expect(missing?.cell).toMatchObject({
      cell_type: "code",
      metadata: { tags: ["inputs"] },
      source: ["const input = inputs({});"],
    });
    expect(shape?.cells[missing?.before ?? -1]?.slot).toBe("outputs");
  });

  test("the pipeline: graph, freshness, parameters with where their values are from, last results", async () => {
    await using project = await stepProject(
      { make: { ...MAKE, yaml: { params: { n: 5 } } }, double: DOUBLE },
      { profiles: { ci: {} } },
    );
    await using client = ServiceClient.start(project);
    const before = await client.ask("pipeline", {});
    expect(before).toMatchObject({ pipeline: "steps", lints: true, profiles: ["ci"], last: null });
    expect(before.stages).toMatchObject([
      {
        name: "make",
        state: "stale",
        reads: [],
        last: null,
        template: "step",
        parameters: [{ name: "n", value: 5, from: "document", shape: { type: "int" } }],
      },
      { name: "double", state: "waits", reads: ["make"], last: null },
    ]);
    const { run } = await client.ask("run", {});
    await client.ask("follow", { run });
    await client.push(isEnd);
    const after = await client.ask("pipeline", {});
    expect(after.stages).toMatchObject([
      { name: "make", state: "fresh", last: { run, status: "succeeded", message: null } },
      { name: "double", state: "fresh", last: { run, status: "succeeded" } },
    ]);
    expect(existsSync(project.path(after.stages[0]?.last?.executed ?? ""))).toBe(true);
    expect(after.last?.run).toBe(run);
    const { inputs } = await client.ask("inputs", { notebook: notebookPath("double") });
    expect(inputs).toMatchObject([{ name: "n", wire: "make.n", newest: { run }, stale: null }]);
    await project.write(
      notebookPath("make"),
      notebookOf({ ...MAKE, body: "await output.n.write(9);" }),
    );
    const stale = await client.ask("inputs", { notebook: notebookPath("double") });
    expect(stale.inputs[0]?.stale).toMatch(/^make: /);
    const view = await client.ask("record", { run });
    expect(view).toMatchObject({ folder: `runs/${run}`, since: { make: "changed" } });
  });

  test("what changed since a run in what made a stage: cells, modules, parameters", async () => {
    const importing = {
      ...MAKE,
      imports: `${IMPORTS}\nimport { base } from "./base.ts";`,
      body: "await output.n.write(base);",
    };
    await using project = await stepProject(
      { make: importing, double: DOUBLE },
      {},
      {
        "notebooks/base.ts": "export const base: number = 3;\n",
      },
    );
    await using client = ServiceClient.start(project);
    const { run } = await client.ask("run", {});
    await client.ask("follow", { run });
    await client.push(isEnd);
    const since = async (stage: string): Promise<Questions["since"]["answer"]> =>
      await client.ask("since", { run, stage });
    expect(await since("make")).toEqual({ verdict: "same", cells: [], modules: [], params: [] });
    await project.write("notebooks/base.ts", "export const base: number = 4;\n");
    await project.write(
      notebookPath("make"),
      notebookOf({ ...importing, body: "await output.n.write(base + 1);" }),
    );
    const changed = await since("make");
    expect(changed).toMatchObject({
      verdict: "changed",
      cells: [{ kind: "changed", source: [{ lines: [{ kind: "removed" }, { kind: "added" }] }] }],
      modules: [{ path: "notebooks/base.ts", change: "changed" }],
    });
    const unknown = await refusal(since("treble"));
    expect(unknown.code).toBe("run/unknown-stage");
  });

  test("a project that does not lint still has its graph, and says why", async () => {
    await using project = await stepProject({
      make: MAKE,
      double: { ...DOUBLE, inputs: { n: ["a.json(z.int())", "make.m"] } },
    });
    await using client = ServiceClient.start(project);
    const view = await client.ask("pipeline", {});
    expect(view).toMatchObject({ pipeline: "steps", lints: false });
    expect(view.stages.map(({ name, state }) => [name, state])).toEqual([
      ["make", null],
      ["double", null],
    ]);
    expect(view.diagnostics.map(({ code }) => code)).toContain("graph/unknown-output");
  });

  test("a new stage is written, and a name that is taken is refused", async () => {
    await using project = await chain();
    await using client = ServiceClient.start(project);
    const { templates } = await client.ask("templates", {});
    expect(templates).toContainEqual({
      name: "step",
      title: "Step",
      describes: "A stage of tests.",
      own: true,
    });
    const made = await client.ask("new", { name: "report", template: "step", after: ["double"] });
    expect(made).toMatchObject({ document: "PIPELINE.md", inputs: { n: "double.n" } });
    expect(await project.read("PIPELINE.md")).toContain(made.notebook);
    await project.write("sold.csv", "id;price\n1;2,5\n");
    const read = await client.ask("new", {
      name: "sold",
      template: "collect",
      after: [],
      file: "sold.csv",
    });
    expect(read).toMatchObject({
      inputs: { sold: "./sold.csv" },
      read: expect.stringMatching(
        /^\.\/sold\.csv: 1 row, 2 columns; all fit Sold of .*sold\.ts\.$/,
      ),
    });
    const again = client.ask("new", { name: "report", template: "step", after: [] });
    expect((await refusal(again)).code).toBe("project/in-the-way");
  });
});

describe("runs from a front end", () => {
  test("are followed cell by cell, from their first event, by whoever asks", async () => {
    await using project = await chain();
    await using client = ServiceClient.start(project);
    const { run } = await client.ask("run", { only: ["make"], params: { "make.n": 7 } });
    await client.ask("follow", { run });
    await client.push(isEnd);
    const events = eventsOf(client);
    expect(events[0]).toBe("run-started");
    expect(events.at(-1)).toBe("run-ended");
    expect(events).toContain("cell-started");
    // Afterwards too: the journal is all that is needed.
    const late = client.another();
    await late.ask("follow", { run });
    await late.push(isEnd);
    expect(eventsOf(late)).toEqual(events);
    const { record } = await client.ask("record", { run });
    expect(record.stages["make"]?.params).toEqual({ n: 7 });
  });

  test("what keeps a run from beginning comes back as the command says it", async () => {
    await using project = await chain();
    await using client = ServiceClient.start(project);
    const unknown = await refusal(client.ask("run", { params: { "make.m": 1 } }));
    expect(unknown).toMatchObject({ code: "parameter/invalid" });
    await project.write(
      notebookPath("make"),
      notebookOf({ ...MAKE, body: "await output.m.write(1);" }),
    );
    const lint = await refusal(client.ask("run", {}));
    expect(lint.code).toBe("lint/errors");
    expect(lint.diagnostics?.map(({ code }) => code)).toContain("types/error");
  });

  test("outlive the service, are found again, and are cancelled as Ctrl-C would", async () => {
    await using project = await stepProject({ slow: SLOW });
    let run: RunId;
    {
      await using first = ServiceClient.start(project);
      ({ run } = await first.ask("run", {}));
    }
    await using client = ServiceClient.start(project);
    const { running } = await client.ask("pipeline", {});
    expect(running.map((each) => each.run)).toEqual([run]);
    await client.ask("follow", { run });
    await client.push(
      (push) => push.push === "events" && push.events.some(({ type }) => type === "cell-started"),
    );
    await client.ask("cancel", { run });
    await client.push(isEnd);
    const { record } = await client.ask("record", { run });
    expect(record.status).toBe("cancelled");
    expect((await refusal(client.ask("cancel", { run }))).code).toBe("archive/unknown-run");
  });

  test("whose owner is killed end as interrupted", async () => {
    await using project = await stepProject({ slow: SLOW });
    await using client = ServiceClient.start(project);
    const { run } = await client.ask("run", {});
    await client.ask("follow", { run });
    const { events } = await client.push((push) => push.push === "events");
    const [started] = events;
    if (started?.type !== "run-started") throw new Error("the first event is another one");
    process.kill(started.owner.pid, "SIGKILL");
    await client.push(isEnd);
    expect((await client.ask("record", { run })).record.status).toBe("interrupted");
  });

  test("and saved files are told without asking", async () => {
    await using project = await chain();
    await using client = ServiceClient.start(project);
    await client.ask("hello", { version: 1 });
    await project.write("notebooks/helper.ts", "export const one = 1;\n");
    await client.push(
      (push) => push.push === "changed" && push.files.includes("notebooks/helper.ts"),
    );
    const { run } = await client.ask("run", { only: ["make"] });
    await client.push((push) => push.push === "changed" && push.runs);
    await client.ask("follow", { run });
    await client.push(isEnd);
  });
});

describe("the comm steplab.project", () => {
  test("reaches the project around the kernel, also while a cell runs", async () => {
    await using project = await chain();
    await using kernel = await KernelClient.start({
      folder: project.path("notebooks"),
      env: { JPY_SESSION_NAME: project.path("notebooks/make.ipynb") },
    });
    const cell = kernel.send("execute_request", { code: "while (true) {}", silent: false });
    kernel.send("comm_open", {
      comm_id: "project",
      target_name: "steplab.project",
      data: { id: 1, ask: "hello", version: 1 },
    });
    const { content } = await kernel.message(({ header }) => header.msg_type === "comm_msg");
    expect(content).toMatchObject({
      comm_id: "project",
      data: { id: 1, answer: { root: project.root } },
    });
    await kernel.interrupt();
    await kernel.answerOf(cell);
  });

  test("is there before it is asked, where the kernel's session is there for it", async () => {
    await using project = await chain();
    const services = (of: KernelClient): number =>
      childrenOf(of.process.pid).filter(({ args }) => args.endsWith(" __service")).length;
    const start = async (session: string): Promise<KernelClient> =>
      await KernelClient.start({
        folder: project.root,
        env: { JPY_SESSION_NAME: project.path(session) },
      });
    await using notebooks = await start("make.ipynb");
    await using own = await start("steplab.service");
    await expect.poll(() => services(own), { timeout: 20_000 }).toBe(1);
    expect(services(notebooks)).toBe(0);
  });
});

function isError({ severity }: { severity: string }): boolean {
  return severity === "error";
}

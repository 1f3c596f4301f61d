/** `steplab run --server`: stages on the kernels of a real Jupyter Server, which is killed. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as after } from "node:timers/promises";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { readNotebook } from "../../core/notebook/index.ts";
import type { RunRecord } from "../../lineage/record.ts";
import { childrenOf } from "../rig/processes.ts";
import { IMPORTS } from "../rig/notebook.ts";
import type { Project } from "../rig/project.ts";
import { lastRecord, steplab, type Command } from "../rig/run.ts";
import { DOUBLE, editStep, MAKE, stepFiles, stepProject, type Step } from "../rig/steps.ts";
import { startLab, type RunningLab } from "./rig/server.ts";

let project: Project;
let lab: RunningLab;

beforeEach(async () => {
  project = await stepProject({ make: MAKE, double: DOUBLE });
  lab = await startLab(project.root, { jupyter: inject("jupyter") });
});

afterEach(async () => {
  await lab[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

const run = async (...words: string[]): Promise<Command> =>
  await steplab(project, ["run", ...words], {
    env: { JUPYTER_TOKEN: lab.url.searchParams.get("token") ?? "" },
  });

/** The loop of `SLOW` is under way: what came before it was answered, and what it says comes at its leisure. */
async function inLoop(): Promise<void> {
  const marker = project.path("in-loop");
  await expect.poll(() => existsSync(marker), { timeout: 60_000 }).toBe(true);
  rmSync(marker);
}

/** A way to the server that can be shut, with all connections that are on it. */
interface Way extends AsyncDisposable {
  url: URL;
  shut(): Promise<void>;
  open(): Promise<void>;
  /** To another server from now on. */
  lead(to: URL): void;
}

async function openWay(first: URL): Promise<Way> {
  let to = first;
  const sockets = new Set<Socket>();
  const proxy = createServer((from) => {
    const on = connect(Number(to.port), to.hostname);
    for (const socket of [from, on]) {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    }
    from.pipe(on).pipe(from);
  });
  const listen = async (port: number): Promise<void> =>
    await new Promise((resolve) => proxy.listen(port, "127.0.0.1", resolve));
  await listen(0);
  const { port } = proxy.address() as AddressInfo; // it listens on TCP
  const url = new URL(to);
  url.port = String(port);
  const shut = async (): Promise<void> => {
    const closed = new Promise((resolve) => proxy.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    url,
    shut,
    open: () => listen(port),
    lead: (other) => (to = other),
    [Symbol.asyncDispose]: async () => {
      if (proxy.listening) await shut();
    },
  };
}

/** Cells that take their time, and say how far they are. */
const SLOW = {
  ...MAKE,
  imports: `${IMPORTS}\nimport { writeFileSync } from "node:fs";`,
  body: `for (let n = 0; n < 60; n++) {
  console.log("step", n);
  await new Promise((resolve) => setTimeout(resolve, 100));
  if (n === 3) writeFileSync("in-loop", "");
}
await output.n.write(params.n);`,
};

test("the record is that of a run at home: the next one finds everything done", async () => {
  const ran = await run("--server", lab.url.origin);
  expect(ran.stderr + ran.stdout).toContain("succeeded");
  expect(ran.code).toBe(0);
  const kernels = (await lab.api("/api/kernels")) as unknown[];
  expect(kernels).toEqual([]); // none is left behind
  const record = lastRecord(project);
  expect(record.stages["double"]).toMatchObject({
    status: "succeeded",
    outputs: { n: { kind: "json" } },
  });
  expect(JSON.stringify(record)).not.toContain(lab.url.searchParams.get("token"));
  expect((await steplab(project, ["run"])).code).toBe(0);
  const { stages } = lastRecord(project);
  expect(Object.values(stages).map(({ status }) => status)).toEqual(["cached", "cached"]);
});

test("where no folder is shared, code and inputs go over the contents interface, and outputs come back", async () => {
  const rows: Step = {
    inputs: { n: ["a.json(z.int())", "make.n"] },
    imports: `import { z, a, parameters, inputs, outputs, check } from "steplab";\nimport { twice } from "./twice.ts";`,
    outputs: `const output = outputs({ rows: a.table(z.object({ id: z.int() })), texts: a.folder() });`,
    body: `await output.rows.write([{ id: twice(await input.n.read()) }]);
await output.texts.add("a b/one.txt", "one");
await output.texts.add("big.txt", "x".repeat(20_000_000));
console.log(process.cwd());`,
  };
  const last: Step = {
    inputs: {
      texts: ["a.folder()", "rows.texts"],
      rows: ["a.table(z.object({ id: z.int() }))", "rows.rows"],
    },
    outputs: "const output = outputs({ said: a.json(z.string()) });",
    body: `const paths: string[] = [];
for await (const file of input.texts) paths.push(file.path);
await output.said.write(paths.join(", "));`,
    checks: `check("one row", (await input.rows.read()).numRows() === 1);`,
  };
  for (const [path, content] of Object.entries(stepFiles({ make: MAKE, rows, last })))
    await project.write(path, content);
  await project.write("notebooks/twice.ts", "export const twice = (n: number): number => n * 2;");
  const ran = await run("--server", lab.url.href, "--files", "contents");
  expect(ran.code, ran.stderr + ran.stdout).toBe(0);
  expect(ran.stdout).toContain("(files over its contents interface)");
  const { stages } = lastRecord(project);
  expect(stages["rows"]).toMatchObject({
    kernel: { name: "steplab", server: `${lab.url.origin}/`, files: "contents" },
    outputs: { rows: { summary: { rows: 1 } }, texts: { bytes: 20_000_003 } },
  });
  // It ran there, not here; what it worked on is gone again.
  const [mirror] = readdirSync(project.root).filter((name) =>
    /^steplab-.*-[0-9a-f]{8}$/.test(name),
  );
  expect(existsSync(project.path(`${mirror}/notebooks/rows.ipynb`))).toBe(true);
  expect(readdirSync(project.path(`${mirror}/work`))).toEqual([]);
  // The same results as at home, and so nothing to do there.
  const at = (name: string, output: string): unknown => stages[name]?.outputs[output]?.digest;
  const there = [at("rows", "rows"), at("rows", "texts"), at("last", "said")];
  expect((await steplab(project, ["run", "--force"])).code).toBe(0);
  const home = lastRecord(project).stages;
  expect([
    home["rows"]?.outputs["rows"]?.digest,
    home["rows"]?.outputs["texts"]?.digest,
    home["last"]?.outputs["said"]?.digest,
  ]).toEqual(there);
});

test("a connection that breaks and comes back costs nothing: the stage goes on, and all that it said is there", async () => {
  await editStep(project, "make", SLOW);
  await using way = await openWay(lab.url);
  const running = run("--server", way.url.href);
  await inLoop();
  await way.shut();
  await after(3_000);
  await way.open();
  const { code, stderr, stdout } = await running;
  expect(code, stderr + stdout).toBe(0);
  const record = lastRecord(project);
  expect(record.stages["make"]?.status).toBe("succeeded");
  const { notebook } = readNotebook(await project.read(executedPath(record, "make")), "make.ipynb");
  const said = notebook?.cells
    .flatMap(({ outputs }) => outputs)
    .map((output) => ("text" in output ? output.text : ""));
  expect(said?.join("").match(/step \d+/g)).toHaveLength(60);
});

test("one that breaks while the first kernel comes up is got over, or said to be that", async () => {
  await using way = await openWay(lab.url);
  const running = run("--server", way.url.href);
  const kernels = async (): Promise<number> =>
    ((await lab.api("/api/kernels")) as unknown[]).length;
  await expect.poll(kernels, { timeout: 60_000, interval: 5 }).toBe(1);
  await way.shut();
  await after(500);
  await way.open();
  const { code, stderr } = await running;
  expect(stderr).not.toContain("internal error");
  const { status, error } = lastRecord(project).stages["make"]!;
  if (code === 0) expect(status).toBe("succeeded");
  else expect(error?.name).toMatch(/^(?:kernel\/not-started|server\/unreachable|KernelLost)$/);
});

test("a server that is started again in the middle has lost the kernel, and the next run goes on it", async () => {
  await editStep(project, "make", SLOW);
  await using way = await openWay(lab.url);
  const running = run("--server", way.url.href);
  await inLoop();
  const [jupyter] = childrenOf(lab.process.pid);
  process.kill(jupyter?.pid ?? Number.NaN, "SIGKILL");
  await way.shut();
  await using again = await startLab(project.root, { jupyter: inject("jupyter") });
  way.lead(again.url);
  await way.open();
  expect((await running).code).toBe(1);
  expect(lastRecord(project).stages["make"]).toMatchObject({
    status: "killed",
    error: { name: "KernelLost", message: expect.stringContaining("no longer on the server") },
  });
  const address = new URL(again.url);
  address.port = way.url.port;
  expect((await steplab(project, ["run", "--server", address.href])).code).toBe(0);
});

test("what a server drops because it comes too fast is no success", async () => {
  await editStep(project, "make", {
    ...MAKE,
    body: `for (let n = 0; n < 100_000; n++) console.log("x".repeat(99));\nawait output.n.write(params.n);`,
  });
  expect((await run("--server", lab.url.href)).code).toBe(1);
  expect(lastRecord(project).stages["make"]).toMatchObject({
    status: "failed",
    error: { name: "OutputLost", message: expect.stringContaining("iopub_data_rate_limit") },
  });
});

test("a server that is killed in the middle ends the stage, truthfully; the next run goes on another", async () => {
  await editStep(project, "make", SLOW);
  const running = run("--server", lab.url.origin);
  await inLoop();
  const [jupyter] = childrenOf(lab.process.pid);
  process.kill(jupyter?.pid ?? Number.NaN, "SIGKILL");
  const killed = await running;
  expect(killed.code).toBe(1);
  const record = lastRecord(project);
  expect(record.stages["make"]).toMatchObject({
    status: "killed",
    error: { name: "KernelLost", message: expect.stringMatching(/^The kernel is lost: /) },
  });
  expect(record.stages["double"]?.status).toBe("not-run");
  await using again = await startLab(project.root, { jupyter: inject("jupyter") });
  const { code } = await steplab(project, ["run", "--server", again.url.href]);
  expect(code).toBe(0);
});

test.each([
  ["no server", () => "http://127.0.0.1:9/", "server/unreachable"],
  ["another token", () => `${lab.url.origin}/?token=wrong`, "server/refused"],
  ["no address", () => "nowhere", "cli/usage"],
])("%s is said to be that", async (_, address, code) => {
  const refused = await run("--server", address());
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain(code);
});

function executedPath({ run, stages }: RunRecord, stage: string): string {
  return `runs/${run}/${stages[stage]?.notebook.path ?? ""}`;
}

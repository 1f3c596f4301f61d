/** `steplab lab` itself: what it starts, where it writes, and that it ends. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { basename, delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { ownLabExtension } from "../../core/own-sources.ts";
import type { Project } from "../rig/project.ts";
import { blocksOf } from "../rig/document.ts";
import { makeProject, repositoryRoot } from "../rig/project.ts";
import { filesBelow, isRunning, steplab } from "../rig/run.ts";
import { pathWithoutLab } from "./rig/set-up-lab.ts";
import { startLab } from "./rig/server.ts";

let project: Project;

beforeEach(async () => {
  project = await makeProject({});
  await steplab(project, ["init"]);
  mkdirSync(project.path("home"));
});

afterEach(async () => {
  await project[Symbol.asyncDispose]();
});

/** A Jupyter that writes into the home does it here; the PATH has no other JupyterLab. */
function environment(path = ""): Record<string, string> {
  return {
    HOME: project.path("home"),
    USERPROFILE: project.path("home"),
    PATH: [...(path === "" ? [] : [path]), pathWithoutLab()].join(delimiter),
  };
}

test("Ctrl-C ends the server and its kernels; the home is as it was, and the token is in no file that stays", async () => {
  await using lab = await startLab(project.root, {
    jupyter: inject("jupyter"),
    env: environment(),
  });
  const token = lab.url.searchParams.get("token") ?? "";
  expect(token).toMatch(/^[0-9a-f]{48}$/);
  expect(lab.url.hostname).toBe("127.0.0.1");
  const refused = await fetch(new URL("/api/sessions", lab.url));
  expect(refused.status).toBe(403);

  const kernelspecs = (await lab.api("/api/kernelspecs")) as {
    kernelspecs: { steplab: { spec: { display_name: string } } };
  }; // Jupyter's form
  expect(kernelspecs.kernelspecs.steplab.spec.display_name).toBe("TypeScript (steplab)");
  await lab.api("/api/kernels", "POST", { name: "steplab" });
  const kernels = await kernelsOf(lab.process.pid);
  expect(kernels.length).toBe(1);
  const holding = filesBelow(project.path(".steplab"))
    .map((path) => project.path(join(".steplab", path)))
    .filter((path) => readFileSync(path, "utf8").includes(token));
  // Its own, Jupyter's, and Jupyter's page for the browser: in a folder that only their user can enter.
  const [runtime, ...others] = new Set(holding.map((path) => dirname(path)));
  expect([others, basename(dirname(runtime ?? ""))]).toEqual([[], "runtime"]);
  expect(statSync(runtime ?? "").mode & 0o077).toBe(0);

  lab.process.kill("SIGINT");
  const [code] = (await once(lab.process, "exit")) as [number];
  expect(code).toBe(0);
  expect(kernels.filter(isRunning)).toEqual([]);
  expect(filesBelow(project.path("home"))).toEqual([]);
  expect(readdirSync(project.path(".steplab/jupyter/runtime"))).toEqual([]);
  const { stdout } = spawnSync("git", ["status", "--porcelain", "--ignored=no"], {
    cwd: project.root,
    encoding: "utf8",
  });
  expect(stdout).not.toContain(".steplab");
});

test("it says which JupyterLab it took, and whether it has the extension", async () => {
  await using lab = await startLab(project.root, {
    jupyter: inject("jupyter"),
    env: environment(),
  });
  const isBuilt = ownLabExtension() !== null;
  expect(lab.said()).toMatch(
    new RegExp(
      `^JupyterLab 4\\.6\\.6, with the kernel${isBuilt ? " and the extension" : "; the extension is not built"}\\.\\n\\nOpen    http`,
    ),
  );
  expect(
    existsSync(project.path(".steplab/jupyter/share/jupyter/labextensions/steplab/package.json")),
  ).toBe(isBuilt);
});

test("docs/jupyterlab.md shows what it says", async () => {
  await using lab = await startLab(project.root, {
    jupyter: inject("jupyter"),
    env: environment(),
  });
  const page = readFileSync(join(repositoryRoot, "docs", "jupyterlab.md"), "utf8");
  const shown = blocksOf(page).find(({ mark }) => mark === "lab")?.text ?? "";
  const alike = (text: string): string =>
    text.replace(/127\.0\.0\.1:\d+/, "<address>").replace(/token=[\w…]+/, "token=…");
  expect(alike(lab.said())).toContain(alike(shown));
});

test("a JupyterLab on the PATH is taken; nothing is set up", async () => {
  const programs = dirname(globSync(join(inject("jupyter"), "*", "jupyter-lab{,.exe}"))[0] ?? "");
  await using lab = await startLab(project.root, { env: environment(programs) });
  expect(lab.said()).toMatch(/^JupyterLab 4\.6\.6, from the PATH, /);
  expect(existsSync(project.path(".steplab/jupyter/environment"))).toBe(false);
});

test("one on the PATH that is too old for the extension is named, and not taken", async () => {
  mkdirSync(project.path("old"));
  writeFileSync(project.path("old/jupyter-lab"), "#!/bin/sh\necho 3.6.1\n");
  chmodSync(project.path("old/jupyter-lab"), 0o755);
  for (const name of ["python3", "python"]) {
    writeFileSync(join(project.path("old"), name), "#!/bin/sh\nexit 1\n");
    chmodSync(join(project.path("old"), name), 0o755);
  }
  const { code, stderr } = await steplab(project, ["lab"], {
    env: environment(project.path("old")),
  });
  expect(code).toBe(1);
  expect(stderr).toContain(
    "The jupyter-lab on the PATH is 3.6.1; steplab's extension is made for 4.6 and newer",
  );
  expect(stderr).toContain("error jupyter/no-python");
});

test("a port that is taken is said to be", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo; // listening on TCP
  const words = ["lab", "--no-browser", `--port=${port}`, `--jupyter=${inject("jupyter")}`];
  const { code, stderr } = await steplab(project, words, { env: environment() });
  other.close();
  expect(code).toBe(1);
  expect(stderr).toContain(`port ${port} is not available`);
  expect(stderr).toContain("server.log");
});

/** Processes below a process whose command line runs our kernel. */
async function kernelsOf(pid: number | undefined): Promise<number[]> {
  const { stdout } = spawnSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" });
  const processes = stdout
    .trim()
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .map(([, own = "", parent = "", words = ""]) => ({
      pid: Number(own),
      parent: Number(parent),
      words,
    }));
  const below = (of: number): typeof processes =>
    processes.filter(({ parent }) => parent === of).flatMap((each) => [each, ...below(each.pid)]);
  return below(pid ?? 0)
    .filter(({ words }) => words.includes("start.mjs"))
    .map(({ pid }) => pid);
}

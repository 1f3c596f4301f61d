/**
 * The really packed file, as a stranger uses it: installed from the registry's packages into a folder with spaces and
 * letters beyond ASCII, on Node 26 and 24; on Node 20 it says what to do. One story, told in order.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { KernelClient } from "../rig/kernel-client.ts";
import { repositoryRoot } from "../rig/project.ts";
import { install, must as mustIn, type as typeIn, type Done, type Where } from "./rig.ts";

const packed = inject("packed");
const { folder } = packed;
const demo = join(folder, "demo");

const type = (words: readonly string[], where: Partial<Where> = {}): Done =>
  typeIn(words, { cwd: demo, ...where });
const must = (words: readonly string[], where: Partial<Where> = {}): Done =>
  mustIn(words, { cwd: demo, ...where });

beforeAll(() => {
  writeFileSync(join(folder, "package.json"), `{ "private": true }\n`);
  must(install(`./${packed.filename}`), { cwd: folder });
});

describe("the packed file", () => {
  test("holds compiled code, declarations, kernel, the extension, templates, lint's pages and the new project, and nothing else", () => {
    const kinds = new Set(
      packed.files.map(({ path }) =>
        path.startsWith("dist/lab/")
          ? path.replace(/^(dist\/lab\/labextension)\/.*$/, "$1/*")
          : path.startsWith("dist/")
            ? path.replace(/^dist\/(\w+)\/.*?((?:\.d)?\.\w+)$/, "dist/$1/*$2")
            : path.startsWith("starter/")
              ? "starter/*"
              : path.replace(/^(templates|docs\/lint)\/[\w-]+\./, "$1/*."),
      ),
    );
    const rooms = ["cli", "core", "jupyter", "kernel", "lineage", "pipeline", "runner", "stage"];
    expect([...kinds].sort()).toEqual(
      [
        "LICENSE",
        "README.md",
        "bin/steplab.js",
        ...rooms.flatMap((room) => [`dist/${room}/*.d.ts`, `dist/${room}/*.js`]),
        "dist/jupyter/*.txt", // the packages of a project's own JupyterLab
        "dist/kernel/*.svg",
        "dist/lab/labextension/*",
        "docs/lint/*.md", // what `lint --explain` prints
        "package.json",
        "starter/*",
        "templates/*.ipynb",
      ].sort(),
    );
  });

  test("runs no script when it is installed, and brings no Node", () => {
    const { scripts } = JSON.parse(
      readFileSync(join(folder, "node_modules", "steplab", "package.json"), "utf8"),
    ) as { scripts: Record<string, string> };
    expect(Object.keys(scripts).filter((name) => /install|prepare/.test(name))).toEqual([]);
    expect(
      readdirSync(join(folder, "node_modules")).filter((name) =>
        /^node-(?:bin-)?(?:linux|darwin|win)-/.test(name),
      ),
    ).toEqual([]);
  });
});

describe("a new project", () => {
  test("is made by the installed command, depends on the packed file, and runs; a second run is all cached", () => {
    must(["npx", "steplab", "init", "demo"], { cwd: folder });
    const { dependencies } = JSON.parse(readFileSync(join(demo, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    expect(dependencies).toEqual({ steplab: `file:../${packed.filename}` });
    must(install());
    expect(must(["npx", "steplab", "lint"]).stdout).toMatch(/^0 errors, 0 warnings/m);
    expect(statuses(must(["npx", "steplab", "run", "--json"]))).toEqual([
      "succeeded",
      "succeeded",
      "succeeded",
    ]);
    expect(statuses(must(["npx", "steplab", "run", "--json"]))).toEqual([
      "cached",
      "cached",
      "cached",
    ]);
    expect(must(["npx", "steplab"]).stdout).toContain("all is fresh");
  });

  test("tests its stages, explores, and is used as a library", () => {
    expect(must(["npm", "test"]).stdout).toMatch(/^. pass 2$/m);
    must(["npx", "steplab", "run", "notebooks/explore/weather.ipynb"]);
    writeFileSync(
      join(demo, "twice.ts"),
      `import { run, type RunRecord } from "steplab/runner";
const record: RunRecord = await run({ projectRoot: import.meta.dirname });
console.log(record.status);
`,
    );
    expect(must(["node", "twice.ts"]).stdout).toBe("succeeded\n");
    must(["npx", "tsc", "--noEmit", "-p", "."]);
  });

  test("gets another stage", () => {
    must(["npx", "steplab", "new", "report", "--template", "process", "--after", "process"]);
    must(["npx", "steplab", "lint"]);
  });

  test("has its own kernel in a Jupyter front end", async () => {
    must(["npx", "steplab", "kernel", "install", "--prefix", "env"]);
    const spec = JSON.parse(
      readFileSync(
        join(demo, "env", "share", "jupyter", "kernels", "steplab", "kernel.json"),
        "utf8",
      ),
    ) as { argv: string[]; env: Record<string, string> };
    await using kernel = await KernelClient.start({
      argv: spec.argv,
      env: spec.env,
      folder: join(demo, "notebooks"),
    });
    const { texts, error } = await kernel.execute(
      `import { table } from "steplab";\nimport { Sky } from "./days.ts";\ntable([{ sky: Sky.options[0], n: 1 }])`,
    );
    expect(error).toBeNull();
    expect(texts[0]).toContain("clear");
    // The types' thread and the compiler come from the package too.
    const code = `table([{ sky: "rain", n: 1 }]).array("`;
    const { reply } = await kernel.request("complete_request", { code, cursor_pos: code.length });
    expect(reply.content["matches"]).toEqual(["n", "sky"]);
  });
});

describe("the same project", () => {
  const nodes = join(folder, "nodes");

  test("gives the same results on Node 24", () => {
    mkdirSync(nodes);
    writeFileSync(join(nodes, "package.json"), `{ "private": true }\n`);
    const kind = `${process.platform}-${process.arch}`.replace("win32", "win");
    const name = kind === "darwin-arm64" ? `node-bin-${kind}` : `node-${kind}`;
    must(install(`${name}@24`), { cwd: nodes });
    const node = join(nodes, "node_modules", ".bin");
    expect(must(["node", "--version"], { node }).stdout).toMatch(/^v24\./);
    const digests = outputDigests();
    expect(statuses(must(["npx", "steplab", "run", "--json", "--force"], { node }))).not.toContain(
      "cached",
    );
    expect(outputDigests()).toMatchObject(digests); // and those of the stage that came since
    must(["npm", "test"], { node });
  });

  test.runIf(oldNode() !== null)(
    "says in one line what to do on a Node that is too old, and takes the project's own where there is one",
    () => {
      const node = oldNode()!;
      const { code, stderr } = type(["npx", "steplab", "run"], { node });
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /^steplab needs Node 24 or newer; this is \d+\.\d+\.\d+\. Install it .*\n$/,
      );
      must(["mv", join(nodes, "node_modules"), join(folder, "own")], { cwd: folder });
      for (const each of [
        ".bin/node",
        ...readdirSync(join(folder, "own")).filter((name) => name.startsWith("node-")),
      ])
        must(["mv", join(folder, "own", each), join(demo, "node_modules", each)], { cwd: folder });
      must(["npx", "steplab", "run"], { node });
    },
  );
});

/** The machine's own Node, where it is older than steplab wants. */
function oldNode(): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  for (const each of folders) {
    const path = join(each, "node");
    if (each.startsWith(repositoryRoot) || !existsSync(path)) continue;
    const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
    return Number(/^v(\d+)/.exec(stdout)?.[1]) < 24 ? each : null;
  }
  return null;
}

function statuses({ stdout }: Done): string[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; status?: string })
    .filter(({ type: kind }) => kind === "stage-ended")
    .map(({ status }) => status ?? "");
}

function outputDigests(): Record<string, string> {
  const runs = join(demo, "runs");
  const last =
    readdirSync(runs)
      .filter((name) => /^\d{4}-/.test(name))
      .sort()
      .at(-1) ?? "";
  const record = JSON.parse(readFileSync(join(runs, last, "run.json"), "utf8")) as {
    stages: Record<string, { outputs: Record<string, { digest: string }> }>;
  };
  return Object.fromEntries(
    Object.entries(record.stages).flatMap(([stage, { outputs }]) =>
      Object.entries(outputs).map(([name, { digest }]) => [`${basename(stage)}.${name}`, digest]),
    ),
  );
}

/** `steplab init` and `steplab new`, as typed. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { codeCell, makeNotebook, STEPLAB_KERNELSPEC } from "../../core/notebook/index.ts";
import { makeProject, repositoryRoot, type Project } from "../rig/project.ts";
import { filesBelow, steplab } from "../rig/run.ts";

/** The tests run a checkout, which a project's own programs use as it was built. */
const CHECKOUT = {
  path: expect.stringMatching(/^\.\./) as string,
  what: "a checkout: `npm test` here needs it built, `node bin/build.js` there, and again after changes",
};

describe("init", () => {
  test("writes a project that lints, with the dependency by which it was installed itself", async () => {
    await using project = await makeProject({});
    const { stdout, code } = await steplab(project, ["init", "a project"]);
    expect(code).toBe(0);
    expect(stdout.split("\n").at(-2)).toBe(
      'Next    cd "a project" && npm install && npx steplab run',
    );
    const files = filesBelow(project.path("a project"));
    expect(files).toContain(join(".github", "workflows", "steplab.yml"));
    expect(stdout.match(/^written/gm)).toHaveLength(files.length);
    const manifest = JSON.parse(await project.read("a project/package.json")) as {
      name: string;
      dependencies: { steplab: string };
    };
    expect(manifest.name).toBe("a-project");
    expect(
      join(project.path("a project"), manifest.dependencies.steplab.replace(/^file:/, "")),
    ).toBe(repositoryRoot.replace(/\/$/, ""));
    const lint = await steplab(project, ["lint"], { cwd: "a project" });
    expect(lint.stdout).toBe("0 errors, 0 warnings, 2 information (--information shows them)\n");
  });

  test("adopts a folder: what is there stays as it is, and is named", async () => {
    await using project = await makeProject({
      "package.json": `{\n  "name": "mine",\n  "dependencies": {}\n}\n`,
      "README.md": "mine\n",
      ".gitignore": "/node_modules\n",
    });
    const { stdout } = await steplab(project, ["init", "--json"]);
    const told = JSON.parse(stdout) as Record<string, unknown>;
    expect(told).toMatchObject({
      changed: [
        { path: "package.json", what: `dependencies.steplab: ${String(told["dependency"])}` },
      ],
      kept: [".gitignore", "README.md"],
      byHand: [CHECKOUT, { path: ".gitignore", what: "add runs/, .steplab/, .ipynb_checkpoints/" }],
    });
    expect(await project.read("README.md")).toBe("mine\n");
    expect(await project.read(".gitignore")).toBe("/node_modules\n");
    expect(JSON.parse(await project.read("package.json"))).toEqual({
      name: "mine",
      dependencies: { steplab: told["dependency"] },
    });
  });

  test("writes nothing where there is a project, or a file of the example is in the way", async () => {
    await using project = await makeProject({ "notebooks/days.ts": "mine\n", "a-file": "" });
    const before = filesBelow(project.root);
    const inTheWay = await steplab(project, ["init"]);
    expect(inTheWay).toMatchObject({ code: 2 });
    expect(inTheWay.stderr).toBe(`error project/in-the-way
  The example cannot be written, because these are there already: notebooks/days.ts. Nothing was changed.
  Hint: npx steplab init --bare makes a project without the example.
`);
    expect((await steplab(project, ["init", "a-file"])).stderr).toContain("a-file is a file.");
    expect(filesBelow(project.root)).toEqual(before);
    expect((await steplab(project, ["init", "--bare"])).code).toBe(0);
    expect((await steplab(project, ["init", "--bare"])).stderr).toContain("error project/exists");
  });

  test.runIf(process.getuid?.() === 0)("says so when the folder may not be written", async () => {
    await using project = await makeProject({});
    await mkdir(project.path("theirs"), { mode: 0o755 });
    const { code, stderr } = await steplab(project, ["init", "theirs"], { uid: 65_534 });
    expect([code, stderr]).toEqual([1, expect.stringContaining("error archive/not-writable")]);
  });
});

describe("new", () => {
  let starter: Record<string, string>;
  beforeAll(async () => {
    await using project = await makeProject({});
    await steplab(project, ["init"]);
    starter = Object.fromEntries(
      await Promise.all(
        filesBelow(project.root)
          .filter((path) => !/^(?:node_modules|\.tmp)/.test(path))
          .map(async (path) => [path, await readFile(project.path(path), "utf8")] as const),
      ),
    );
  });
  const project = (): Promise<Project> => makeProject(starter);

  test("lists the templates without a name, the project's own among them", async () => {
    await using own = await project();
    await own.write(
      "templates/audit.ipynb",
      makeNotebook([], { steplab: { template: { name: "audit", describes: "Ours." } } }),
    );
    const { stdout } = await steplab(own, ["new"]);
    expect(stdout).toMatch(/^ {2}audit +Ours\. +\(this project's own\)$/m);
    expect(stdout).toMatch(/^ {2}process +Cleans and shapes data/m);
  });

  test("after a stage, makes one that reads what it writes, lints and would run", async () => {
    await using own = await project();
    const { stdout } = await steplab(own, ["new", "report", "-t", "process", "-a", "process"]);
    expect(stdout).toBe(`written  notebooks/4-report.ipynb  from template process
added    PIPELINE.md               section "report", days: process.days

Next    open notebooks/4-report.ipynb, make its cells yours, and type: npx steplab lint
`);
    expect(await own.read("PIPELINE.md")).toContain("  process --> train\n  process --> report\n");
    const lint = await steplab(own, ["lint"]);
    expect(lint.stdout).toMatch(/^0 errors, 0 warnings/);
  });

  test("after two stages that write the same name, asks which one is meant", async () => {
    await using own = await project();
    const words = ["new", "report", "-t", "process", "-a", "collect,process"];
    const both = await steplab(own, words);
    expect([both.code, both.stdout, both.stderr]).toEqual([
      2,
      "",
      `error cli/usage
  Stages "collect" and "process" both write "days", and a stage has one input of a name.
  Hint: say which is read: --input days=process.days. Add the other to the notebook under a name of its own.
`,
    ]);
    const chosen = await steplab(own, [...words, "-i", "days=process.days"]);
    expect(chosen.stdout).toContain(`section "report", days: process.days\n`);
    const lint = await steplab(own, ["lint"]);
    expect(lint.stdout).toMatch(/^0 errors, 0 warnings/);
  });

  test("what a lifted notebook reads is wired to the stage before it that writes it", async () => {
    await using own = await project();
    const words = ["new", "again", "-t", "process", "--from", "notebooks/2-process.ipynb"];
    const { stdout } = await steplab(own, [...words, "-a", "collect"]);
    expect(stdout).toContain(`section "again", days: collect.days\n`);
    expect(stdout).not.toContain("to wire");
  });

  test("of a template of the project's own that fits, leaves the template's code as it is", async () => {
    await using own = await project();
    const code = (slot: "imports" | "inputs" | "outputs", source: string) =>
      codeCell(source, { slot });
    await own.write(
      "templates/guard.ipynb",
      makeNotebook(
        [
          code(
            "imports",
            `import { a, inputs, outputs } from "steplab";\nimport { Day } from "./days.ts";`,
          ),
          code("inputs", "const input = inputs({ guarded: a.table(Day) });"),
          code("outputs", "const output = outputs({ passed: a.table(Day) });"),
          codeCell("await output.passed.write(input.guarded); // ours", {
            metadata: { steplab: { slot: { name: "body" } } },
          }),
        ],
        { ...STEPLAB_KERNELSPEC, steplab: { template: { name: "guard" } } },
      ),
    );
    const { stdout } = await steplab(own, ["new", "g", "-t", "guard", "-a", "process"]);
    expect(stdout).toContain("guarded: process.days");
    expect(await own.read("notebooks/4-g.ipynb")).toContain("// ours");
  });

  test("from an exploration, lifts its cells and wires what they read", async () => {
    await using own = await project();
    const words = "new weather -t process --from notebooks/explore/weather.ipynb --cells 1-4";
    const { code, stdout } = await steplab(own, words.split(" "));
    expect([code, stdout]).toEqual([0, expect.stringContaining("days: process.days")]);
    const text = await own.read("notebooks/4-weather.ipynb");
    expect(text).toContain(`import { Day } from \\"./days.ts\\";`);
    expect(text).toContain(`const input = inputs({ days: a.table(Day) });`);
    expect(text).toContain(`.groupby(\\"sky\\", \\"weekend\\")`);
  });

  test("never overwrites, and says why it does nothing", async () => {
    await using own = await project();
    await writeFile(
      own.path("python.ipynb"),
      JSON.stringify({
        cells: [],
        metadata: { language_info: { name: "python" } },
        nbformat: 4,
        nbformat_minor: 5,
      }),
    );
    await writeFile(
      own.path("PIPELINE.md"),
      `${await own.read("PIPELINE.md")}\n## Unread\n\n\`\`\`yaml stage\nname: unread\nnotebook: notebooks/unread.ipynb\n\`\`\`\n`,
    );
    const before = await own.read("PIPELINE.md");
    for (const [words, message] of [
      ["new train -t process", 'has a stage "train" already'],
      [
        "new x -t process --notebook notebooks/3-train.ipynb",
        "notebooks/3-train.ipynb is there already",
      ],
      ["new x -t proces", 'There is no template "proces".'],
      ["new x -t process -a proces", 'has no stage "proces".'],
      ["new x -t process -a unread", "notebooks/unread.ipynb, cannot be read."],
      ["new 1x -t process", `"1x" cannot be a stage's name.`],
      ["new x", "say what kind of stage it is"],
      ["new x -t process --from notebooks/3-train.ipynb --cells 99", '"99" names no cells'],
      ["new x -t process --from python.ipynb", "its cells are python"],
      ["new x -t process -i nothing", "--input nothing is not"],
    ] as const) {
      const { code, stderr } = await steplab(own, words.split(" "));
      expect([words, code, stderr]).toEqual([words, 2, expect.stringContaining(message)]);
    }
    expect(await own.read("PIPELINE.md")).toBe(before);
  });
});

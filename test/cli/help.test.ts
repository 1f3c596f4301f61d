/** What a person meets first: help, wrong words, exit codes. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../cli/main.ts";
import { makeProject, type Project } from "../rig/project.ts";
import { steplab } from "../rig/run.ts";

let nowhere: Project;
beforeAll(async () => {
  nowhere = await makeProject({});
});
afterAll(() => nowhere[Symbol.asyncDispose]());
const type = async (
  words: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> =>
  await steplab(nowhere, words.split(" ").filter(Boolean));

test("--help lists every command with a sentence, fits a screen and ends with an example", async () => {
  const { code, stdout, stderr } = await type("--help");
  expect([code, stderr]).toEqual([0, ""]);
  for (const name of Object.keys(COMMANDS))
    expect(stdout).toMatch(new RegExp(`^ {2}${name} +\\w`, "m"));
  expect(stdout.split("\n").length).toBeLessThan(40);
  expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/^Example: npx steplab /);
});

test.each(Object.keys(COMMANDS))(
  "the help of steplab %s fits a screen, names every option and no other, and ends with an example",
  async (name) => {
    const { command } = (await COMMANDS[name]?.()) ?? {};
    const lines = command?.help.trimEnd().split("\n") ?? [];
    expect(command?.name).toBe(name);
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
    expect(lines.at(-1)).toMatch(/^Example: npx steplab/);
    expect(command?.help).toContain(`Usage: steplab ${name === "status" ? "[status]" : name}`);
    const told = lines.join("\n").matchAll(/(?<=[\s[])--([a-z][a-z-]*)/g);
    expect(new Set([...told].map(([, option]) => option))).toEqual(
      new Set(Object.keys(command?.options ?? {})),
    );
  },
);

test("help needs no project, and `help run` is `run --help`", async () => {
  const { code, stdout, stderr } = await type("run --help");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toBe((await COMMANDS["run"]?.())?.command.help);
  expect((await type("help run")).stdout).toBe(stdout);
});

describe("wrong words end with exit code 2 and what to type instead", () => {
  test.each([
    ["rnu", 'There is no command "rnu".', 'did you mean "run"?'],
    ["help statsu", 'There is no command "statsu".', 'did you mean "status"?'],
    ["frobnicate", 'There is no command "frobnicate".', 'there are "status", "run", '],
    ["run --forse", "steplab run: there is no option --forse.", "did you mean --force?"],
    ["show --what", "there is no option --what.", "npx steplab show --help shows what it takes."],
    ["run --seed", "steplab run: ", "npx steplab run --help shows what it takes."],
    ["verify all", 'steplab verify: it takes options only: what is "all"?', ""],
    ["show last process x", 'steplab show: one word too many: what is "x"?', ""],
    ["lint --format gitlab", "--format gitlab: only github is known.", ""],
    ["kernel", 'say what to do; "install" is all there is.', "npx steplab kernel install --user"],
    ["kernel install", "Say where: either --user or --prefix DIR.", ""],
    [
      "lab install",
      "Say where: either --user or --prefix DIR.",
      "npx steplab lab install --prefix .venv",
    ],
    [
      "lab open",
      'steplab lab open: only "install" is known.',
      "npx steplab lab opens the project.",
    ],
    [
      "lab --port http",
      "--port http: a port is a number from 0 to 65535.",
      "the first free port from 8888",
    ],
    ["lab --user", "--user belongs to steplab lab install.", "npx steplab lab --help"],
    [
      "verify",
      "There is no PIPELINE.md in",
      "Go to a project's folder, or make one here: npx steplab init",
    ],
  ])("steplab %s", async (words, message, hint) => {
    const { code, stdout, stderr } = await type(words);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^error (cli\/usage|project\/not-found)\n/);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expect(stderr).not.toMatch(/\.ts:\d+/);
  });
});

test("--version says which steplab and which Node", async () => {
  const { code, stdout } = await type("--version");
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/^steplab \d+\.\d+\.\d+ \(Node 2\d\.\d+\.\d+\)\n$/),
  ]);
});

test("--debug shows where an error came from", async () => {
  const { code, stderr } = await type("verify --debug");
  expect([code, stderr]).toEqual([2, expect.stringMatching(/cli\/commands\/verify\.ts:\d+/)]);
});

test("kernel install puts a kernelspec where Jupyter looks", async () => {
  const { code, stdout } = await type("kernel install --prefix env --json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    folder: nowhere.path("env/share/jupyter/kernels/steplab"),
  });
  const spec = JSON.parse(await nowhere.read("env/share/jupyter/kernels/steplab/kernel.json"));
  expect(spec).toMatchObject({
    language: "typescript",
    display_name: expect.any(String) as string,
  });
  expect(spec.argv).toContain("{connection_file}");
});

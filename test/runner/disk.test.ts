/** A disk that is really full, and folders that really may not be written. */
import { execFile } from "node:child_process";
import { chownSync, chmodSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { repositoryRoot, type Project } from "../rig/project.ts";
import { entriesBelow, steplab } from "../rig/run.ts";
import { stepProject, type Steps } from "../rig/steps.ts";

const COMMAND = `"${process.execPath}" "${join(repositoryRoot, "bin/steplab.js")}"`;
const MIB = 1 << 20;

/**
 * Runs shell lines in a mount namespace of their own, where `runs/` is a small file system in memory; root or
 * not, nothing outside is touched. Each line's exit code and output, by its order.
 */
async function onSmallDisk(
  project: Project,
  lines: readonly string[],
): Promise<{ code: number; text: string }[]> {
  const script = [
    "mkdir -p runs && mount -t tmpfs -o size=8m tmpfs runs || exit 99",
    ...lines.map((line, i) => `( ${line} ) >out-${i} 2>&1; echo $? >code-${i}`),
  ].join("\n");
  await promisify(execFile)("unshare", ["--map-root-user", "--mount", "sh", "-c", script], {
    cwd: project.root,
  });
  return await Promise.all(
    lines.map(async (_, i) => ({
      code: Number(await project.read(`code-${i}`)),
      text: await project.read(`out-${i}`),
    })),
  );
}

const WRITES: Steps = {
  small: {
    outputs: "const output = outputs({ n: a.json(z.int()) });",
    body: "await output.n.write(1);",
  },
  large: {
    parameters: `const params = parameters({ file: z.int().default(1), text: z.int().default(1) });`,
    outputs: "const output = outputs({ bytes: a.file() });",
    body: [
      `for (let i = 0; i < params.text; i++) console.log("x".repeat(1023));`,
      "await output.bytes.write(Buffer.alloc(params.file, 1));",
    ],
  },
};
/** Leaves so many KiB free. */
const fillBut = (kib: number): string =>
  `free=$(df -k --output=avail runs | tail -1); head -c $(( (free - ${kib}) * 1024 )) /dev/zero >runs/filler`;
const empty = "rm -f runs/filler";

describe.skipIf(process.platform !== "linux")("a full disk", () => {
  test("fails the run with what to do, keeps earlier runs intact, and the next run goes on", async () => {
    await using project = await stepProject(WRITES);
    const first = "$(ls runs | grep T | head -1)";
    const results = await onSmallDisk(project, [
      `${COMMAND} run`,
      `cat runs/${first}/run.json`,
      fillBut(1500),
      `${COMMAND} run -p large.file=${4 * MIB}`,
      `${COMMAND} run -p large.text=${4 * 1024}`,
      `rm runs/filler; ${fillBut(0)}`,
      `${COMMAND} run --force`,
      `${COMMAND} verify`,
      `cat runs/${first}/run.json`,
      empty,
      `${COMMAND} run -p large.file=${2 * MIB}`,
      `${COMMAND} verify`,
      `${COMMAND} runs`,
      "find runs -name '*.tmp' -o -path '*/scratch/*' -o -path '*/running/*'",
    ]);
    const [ran, record, , file, text, , none, verified, recordAfter, , next, sound, runs, left] =
      results;
    expect([ran?.code, ran?.text]).toEqual([0, expect.stringContaining("succeeded  steps")]);
    // In the notebook: an output that does not fit.
    expect([file?.code, file?.text]).toEqual([1, expect.stringMatching(/small +cached/)]);
    expect(file?.text).toMatch(/failed +large/);
    expect(file?.text).toMatch(/disk is full|ENOSPC/i);
    // In the runner: text that does not fit.
    expect(text?.code).toBe(1);
    expect(text?.text).toMatch(/The disk is full: .*cell-body-1\.stdout\.txt could not be written/);
    expect(text?.text).toContain("Free space");
    // Not a byte is left: not even a journal can be begun.
    expect(none?.code).toBe(1);
    expect(none?.text).toMatch(/archive\/disk-full\n {2}The disk is full/);
    for (const each of [file, text, none]) {
      expect(each?.text).not.toContain("internal error");
      expect(each?.text).not.toMatch(/\.(ts|js):\d+/); // no stack of ours
    }
    expect([verified?.code, verified?.text]).toEqual([
      0,
      expect.stringContaining("all is as it was written"),
    ]);
    expect(recordAfter?.text).toBe(record?.text);
    // Space again.
    expect([next?.code, next?.text]).toEqual([0, expect.stringMatching(/small +cached/)]);
    expect([sound?.code, sound?.text]).toEqual([
      0,
      expect.stringContaining("all is as it was written"),
    ]);
    expect(runs?.text.match(/succeeded/g)?.length).toBe(2);
    expect(left?.text).toBe("");
  });
});

describe("a folder that may not be written", () => {
  // As root permissions stop nobody, so the command runs as somebody else; who is not root is somebody else already.
  const uid = process.getuid?.() === 0 ? 65_534 : undefined;
  async function ownedProject(): Promise<Project> {
    const project = await stepProject(WRITES);
    if (uid !== undefined) {
      chmodSync(project.root, 0o755);
      for (const { path } of [{ path: "" }, ...entriesBelow(project.root)])
        if (!path.startsWith("node_modules/")) chownSync(join(project.root, path), uid, uid);
    }
    return project;
  }
  const options = {
    ...(uid !== undefined && { uid }),
    env: { HOME: "/tmp", TMPDIR: "/tmp", NODE_COMPILE_CACHE: "" },
  };

  test("is named, with what to do; nothing is run, and reading the archive still works", async () => {
    await using project = await ownedProject();
    expect((await steplab(project, ["run"], options)).code).toBe(0);
    const runs = project.path("runs");
    const folders = [
      "",
      ...entriesBelow(runs)
        .filter(({ isFolder }) => isFolder)
        .map(({ path }) => path),
    ];
    for (const folder of folders) chmodSync(join(runs, folder), 0o555);
    const denied = await steplab(project, ["run", "--force"], options);
    const read: Record<string, number | null> = {};
    for (const words of ["status", "runs", "show last", "verify"])
      read[words] = (await steplab(project, words.split(" "), options)).code;
    await project.write("notebooks/edited.ts", ""); // lint's verdict must be made anew, and cannot be kept
    const status = await steplab(project, ["status"], options);
    for (const folder of folders) chmodSync(join(runs, folder), 0o755);
    expect([denied.code, denied.stdout]).toEqual([1, ""]);
    expect(denied.stderr).toMatch(
      /^error archive\/not-writable\n {2}.*runs.* may not be written\.\n {2}Hint: Give yourself permission to write to .*\n$/,
    );
    expect(read).toEqual({ status: 0, runs: 0, "show last": 0, verify: 0 });
    expect([status.code, status.stdout]).toEqual([0, expect.stringContaining("all is fresh")]);
  });
});

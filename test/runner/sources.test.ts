/** What comes from outside: files, patterns and folders on disk, addresses on a real little server. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Project } from "../rig/project.ts";
import { filesBelow, folderOf, outputJson, runProject, steplab, type Ran } from "../rig/run.ts";
import { stepProject, type Step } from "../rig/steps.ts";

const reads = (wire: string): Step => ({
  inputs: { raw: ["a.file()", wire] },
  outputs: "const output = outputs({ text: a.json(z.string()) });",
  body: "await output.text.write(await input.raw.text());",
});

describe("files", () => {
  test("of a glob the last by name is read; one outside the project is recorded by its base name", async () => {
    await using outside = await stepProject({});
    await outside.write("secret-folder/other.csv", "outside");
    await using project = await stepProject(
      { newest: reads("data/*.csv"), other: reads(outside.path("secret-folder/other.csv")) },
      {},
      { "data/2026-01.csv": "january", "data/2026-02.csv": "february", "data/2026-03.txt": "no" },
    );
    const ran = await runProject(project);
    expect(outputJson(project, ran.record, "newest", "text")).toBe("february");
    const sources = Object.values(ran.record.stages).map(({ inputs }) => inputs["raw"]?.source);
    expect(sources).toEqual([{ path: "data/2026-02.csv" }, { path: "other.csv" }]);
    const record = readFileSync(join(folderOf(project, ran.record), "run.json"), "utf8");
    expect(record).not.toContain("secret-folder");

    await project.write("data/2026-04.csv", "april");
    const later = await runProject(project);
    expect(later.statuses).toEqual({ newest: "succeeded", other: "cached" });
    expect(outputJson(project, later.record, "newest", "text")).toBe("april");
  });

  test("that are changed and set back to their old time are still seen", async () => {
    await using project = await stepProject(
      { one: reads("./data.txt") },
      {},
      { "data.txt": "one" },
    );
    const old = new Date("2020-01-01");
    utimesSync(project.path("data.txt"), old, old);
    await runProject(project);
    await project.write("data.txt", "two");
    utimesSync(project.path("data.txt"), old, old);
    const ran = await runProject(project);
    expect(outputJson(project, ran.record, "one", "text")).toBe("two");
  });

  test("of a folder are one artifact: a file added, changed or renamed runs the stage again, a touched one does not", async () => {
    await using project = await stepProject(
      {
        list: {
          inputs: { tree: ["a.folder()", "data/tree"] },
          outputs: "const output = outputs({ files: a.json(z.array(z.string())) });",
          body: "await output.files.write((await input.tree.list()).map((file) => file.path));",
        },
      },
      {},
      { "data/tree/a.txt": "a", "data/tree/sub/b.txt": "b" },
    );
    const first = await runProject(project);
    expect(outputJson(project, first.record, "list", "files")).toEqual(["a.txt", "sub/b.txt"]);
    writeFileSync(project.path("data/tree/a.txt"), "a");
    expect((await runProject(project)).statuses).toEqual({ list: "cached" });
    mkdirSync(project.path("data/tree/new"));
    writeFileSync(project.path("data/tree/new/c.txt"), "c");
    const ran = await runProject(project);
    expect(outputJson(project, ran.record, "list", "files")).toEqual([
      "a.txt",
      "new/c.txt",
      "sub/b.txt",
    ]);
  });

  test("that are missing fail their stage, by name and with what to do; stages beside it run", async () => {
    await using project = await stepProject({
      gone: reads("data/gone.csv"),
      none: reads("data/*.csv"),
      fine: { body: "1" },
    });
    const { record, statuses } = await runProject(project);
    expect(statuses).toEqual({ gone: "failed", none: "failed", fine: "succeeded" });
    expect(Object.values(record.stages).map(({ error }) => error?.message)).toEqual([
      'There is no data/gone.csv, which input "raw" of stage "gone" reads.\nPut the file there, write another path in PIPELINE.md, or run with -i gone.raw=<path>.',
      'No file fits data/*.csv, which input "raw" of stage "none" reads.\nPut a file there, or run with -i none.raw=<path>.',
      undefined,
    ]);
  });

  test("are looked at by status without being stored", async () => {
    await using project = await stepProject(
      { one: reads("./data.txt") },
      {},
      { "data.txt": "one" },
    );
    const { stdout } = await steplab(project, ["status", "--json"]);
    expect(JSON.parse(stdout).stages).toMatchObject([
      { stage: "one", state: "stale", reason: "never run" },
    ]);
    expect(
      filesBelow(project.path("runs/.store")).filter((file) => file.startsWith("objects")),
    ).toEqual([]);
  });
});

describe("an address", () => {
  const requests: { url: string; headers: IncomingMessage["headers"] }[] = [];
  let content = "first";
  let etag: string | null = '"1"';
  let broken: ((response: ServerResponse) => void) | null = null;
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? "", headers: request.headers });
    response.shouldKeepAlive = false; // a run is a process of its own, whose first connection this is
    if (broken !== null) return broken(response);
    if (etag !== null && request.headers["if-none-match"] === etag)
      return response.writeHead(304).end();
    response.setHeader("content-type", "text/plain; charset=utf-8");
    if (etag !== null) response.setHeader("etag", etag);
    response.end(content);
  });
  let host: string;
  let project: Project;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`; // listening on TCP
    project = await stepProject({
      read: reads(`http://me:hunter2@${host}/a%20b.txt?year=2019&token=s3cret`),
    });
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    requests.length = 0;
    broken = null;
  });
  const textOf = (ran: Ran): unknown => outputJson(project, ran.record, "read", "text");
  const messageOf = (ran: Ran): string => ran.record.stages["read"]?.error?.message ?? "";

  test("that was never fetched cannot be read offline, and status asks nobody", async () => {
    const offline = await runProject(project, { offline: true });
    expect(messageOf(offline)).toBe(
      `http://${host}/a%20b.txt?year=2019&token=… was never fetched, and the run is offline.\nRun once without --offline.`,
    );
    const { stdout } = await steplab(project, ["status"]);
    expect(stdout).toContain("was never fetched");
    expect(requests).toEqual([]);
  });

  test("is fetched, with its credentials, and recorded without them", async () => {
    const ran = await runProject(project);
    expect(textOf(ran)).toBe("first");
    expect(requests).toMatchObject([{ url: "/a%20b.txt?year=2019&token=s3cret" }]);
    expect(requests[0]?.headers.authorization).toBe(`Basic ${btoa("me:hunter2")}`);
    expect(ran.record.stages["read"]?.inputs["raw"]?.source).toEqual({
      url: `http://${host}/a%20b.txt?year=2019&token=…`,
      etag: '"1"',
    });
    for (const file of filesBelow(project.path("runs")))
      expect([
        file,
        /hunter2|s3cret/.test(readFileSync(join(project.path("runs"), file), "latin1")),
      ]).toEqual([file, false]);
  });

  test("is asked for again only if it changed: the same runs nothing, another runs the stage", async () => {
    expect((await runProject(project)).statuses).toEqual({ read: "cached" });
    expect(requests[0]?.headers["if-none-match"]).toBe('"1"');
    content = "second";
    etag = '"2"';
    const changed = await runProject(project);
    expect([changed.statuses["read"], textOf(changed)]).toEqual(["succeeded", "second"]);
    etag = '"3"'; // fetched again, with the same bytes
    expect((await runProject(project)).statuses).toEqual({ read: "cached" });
  });

  test("is not asked for offline: the last fetch is taken", async () => {
    content = "third";
    etag = '"4"';
    expect((await runProject(project, { offline: true })).statuses).toEqual({ read: "cached" });
    expect(requests).toEqual([]);
  });

  test("that answers with an error, breaks off or is not there fails its stage and says so", async () => {
    const hint =
      "Try again, use --offline to take the last fetch, or give a file: -i read.raw=<path>.";
    const head = `http://${host}/a%20b.txt?year=2019&token=…, which input "raw" of stage "read" reads, could not be fetched: `;
    broken = (response) => void response.writeHead(404).end();
    expect(messageOf(await runProject(project))).toBe(
      `${head}the server answered 404 Not Found.\n${hint}`,
    );
    broken = (response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("only the beginning");
      setTimeout(() => response.destroy(), 20);
    };
    const cut = await runProject(project);
    expect(messageOf(cut)).toContain(`${head}the answer broke off (`);
    expect(cut.record.stages["read"]?.error?.name).toBe("source/unreachable");
    broken = null;
    etag = '"1"';
    content = "after all";
    expect(textOf(await runProject(project))).toBe("after all");
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    // Fetch may still hold a connection of before, and learn only by using it that it is closed.
    expect(messageOf(await runProject(project))).toMatch(/ECONNREFUSED|other side closed/);
    expect((await runProject(project, { offline: true })).statuses).toEqual({ read: "cached" });
  });
});

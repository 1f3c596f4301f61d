import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createHmac } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  endpointOf,
  readConnectionFile,
  writeConnectionFile,
  type ConnectionInfo,
} from "../../core/wire/connection-file.ts";
import { decodeFrames, encodeMessage } from "../../core/wire/frames.ts";
import { newHeader, newMessage } from "../../core/wire/message.ts";

describe("frames", () => {
  test("any message comes back as it was sent, with its routing prefix", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.array(fc.uint8Array(), { maxLength: 3 }),
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 5 }), { maxLength: 2 }),
        fc.string(),
        (content, buffers, identities, key) => {
          const json = JSON.parse(JSON.stringify(content)) as Record<string, unknown>; // as JSON holds it: no -0
          const message = newMessage("comm_msg", "s", json, { buffers, metadata: { a: 1 } });
          const decoded = decodeFrames(encodeMessage(message, key, identities), key);
          expect(decoded.message).toEqual({
            ...message,
            buffers: buffers.map((b) => Buffer.from(b)),
          });
          expect(decoded.identities).toEqual(identities.map((b) => Buffer.from(b)));
        },
      ),
    );
  });

  test("are signed as the protocol says: HMAC-SHA256 over the four JSON frames", () => {
    const frames = encodeMessage(newMessage("status", "s", { a: "ä" }), "secret");
    const hmac = createHmac("sha256", "secret");
    for (const part of frames.slice(2)) hmac.update(part);
    expect(frames[0]?.toString()).toBe("<IDS|MSG>");
    expect(frames[1]?.toString()).toBe(hmac.digest("hex"));
  });

  test.each([0, 1, 2, 3, 4, 5])("one changed byte in frame %d is refused", (at) => {
    const sent = encodeMessage(newMessage("execute_request", "s", { code: "1" }), "secret");
    const frames = sent.map((bytes) => Buffer.from(bytes));
    const frame = frames[at];
    if (!frame) return expect.unreachable();
    frame[1] = (frame[1] ?? 0) ^ 1;
    expect(() => decodeFrames(frames, "secret")).toThrow(
      expect.objectContaining({
        code: at === 0 ? "wire/invalid-message" : "wire/bad-signature",
      }) as Error,
    );
  });

  test.each([
    [[]],
    [["<IDS|MSG>", "", "{}"]],
    [["<IDS|MSG>", "", "{}", "{}", "{}", "not json"]],
    [["<IDS|MSG>", "", "[]", "{}", "{}", "{}"]],
  ])("%j is no message", (frames) => {
    expect(() =>
      decodeFrames(
        frames.map((f) => Buffer.from(f)),
        "",
      ),
    ).toThrow(expect.objectContaining({ code: "wire/invalid-message" }) as Error);
  });

  test("a header says type, session, version and a date in UTC", () => {
    const header = newHeader("status", "s1");
    expect(header).toMatchObject({ msg_type: "status", session: "s1", version: "5.5" });
    expect(new Date(header.date).toISOString()).toBe(header.date);
  });
});

describe("connection files", () => {
  const info: ConnectionInfo = {
    transport: "tcp",
    ip: "127.0.0.1",
    shell_port: 1,
    control_port: 2,
    stdin_port: 3,
    iopub_port: 4,
    hb_port: 5,
    signature_scheme: "hmac-sha256",
    key: "k",
  };

  test("are written for their owner only, and read back", () => {
    const folder = mkdtempSync(join(tmpdir(), "steplab-wire-"));
    const file = join(folder, "connection.json");
    writeConnectionFile(file, info);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readConnectionFile(file)).toEqual(info);
    rmSync(folder, { recursive: true });
  });

  test("that lack a port, or ask for another signature, are refused by name", () => {
    const folder = mkdtempSync(join(tmpdir(), "steplab-wire-"));
    const file = join(folder, "connection.json");
    writeFileSync(file, JSON.stringify({ ...info, hb_port: "x", iopub_port: undefined }));
    expect(() => readConnectionFile(file)).toThrow(/lacks iopub_port, hb_port\.$/);
    writeFileSync(file, JSON.stringify({ ...info, signature_scheme: "hmac-md5" }));
    expect(() => readConnectionFile(file)).toThrow(/hmac-md5; only hmac-sha256/);
    writeFileSync(file, "{");
    expect(() => readConnectionFile(file)).toThrow(/Cannot read the connection file/);
    rmSync(folder, { recursive: true });
  });

  test("name tcp ports or ipc paths", () => {
    expect(endpointOf(info, "iopub")).toBe("tcp://127.0.0.1:4");
    expect(endpointOf({ ...info, transport: "ipc", ip: "/tmp/k" }, "hb")).toBe("ipc:///tmp/k-5");
  });
});

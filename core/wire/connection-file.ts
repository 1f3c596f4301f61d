/** The connection file: where a kernel's five sockets listen, and the key that signs messages. */
import { readFileSync, writeFileSync } from "node:fs";
import { StepLabError } from "../error.ts";

export interface ConnectionInfo {
  transport: "tcp" | "ipc";
  ip: string;
  shell_port: number;
  control_port: number;
  stdin_port: number;
  iopub_port: number;
  hb_port: number;
  signature_scheme: "hmac-sha256";
  key: string;
  kernel_name?: string;
}

/** The five sockets of a Jupyter kernel. */
export const CHANNELS = ["shell", "control", "stdin", "iopub", "hb"] as const;
export type Channel = (typeof CHANNELS)[number];

/** The ZeroMQ address of one channel. */
export function endpointOf(info: ConnectionInfo, channel: Channel): string {
  const port = info[`${channel}_port`];
  // With ipc, `ip` is a path prefix and the "port" numbers its files (jupyter_client does the same).
  return info.transport === "ipc" ? `ipc://${info.ip}-${port}` : `tcp://${info.ip}:${port}`;
}

/** @throws StepLabError `kernel/connection-file` naming what is wrong. */
export function readConnectionFile(path: string): ConnectionInfo {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new StepLabError(
      "kernel/connection-file",
      `Cannot read the connection file ${path}: ${(cause as Error).message}`, // fs and JSON throw Errors only
      { cause },
    );
  }
  const info = value as Partial<ConnectionInfo> | null; // each member that matters is checked below
  const missing = CHANNELS.filter((channel) => !Number.isInteger(info?.[`${channel}_port`]));
  if (!info || missing.length > 0 || typeof info.ip !== "string") {
    const names = missing.map((channel) => `${channel}_port`).join(", ") || "ip";
    throw new StepLabError("kernel/connection-file", `The connection file ${path} lacks ${names}.`);
  }
  if ((info.signature_scheme ?? "hmac-sha256") !== "hmac-sha256") {
    throw new StepLabError(
      "kernel/connection-file",
      `The connection file asks for ${info.signature_scheme}; only hmac-sha256 is known.`,
    );
  }
  return { transport: "tcp", signature_scheme: "hmac-sha256", key: "", ...info } as ConnectionInfo; // ports checked above
}

/** Mode 0600: the key in it lets its reader run code. */
export function writeConnectionFile(path: string, info: ConnectionInfo): void {
  writeFileSync(path, `${JSON.stringify(info, null, 2)}\n`, { mode: 0o600 });
}

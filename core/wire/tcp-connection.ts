/** Addresses on loopback for a kernel that is not reached by files: other kernels than ours, Windows, a deep TMPDIR. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { CHANNELS, type ConnectionInfo } from "./connection-file.ts";

/**
 * Ports that are free now, and a new key. All are bound at the same time, so that none is given twice; another program can
 * still take one before the kernel does (`ADDRESS_TAKEN`), as with every Jupyter client.
 */
export async function tcpConnection(): Promise<ConnectionInfo> {
  const servers = await Promise.all(CHANNELS.map(listen));
  const ports = servers.map((server) => (server.address() as AddressInfo).port); // listening on TCP
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  const [shell_port, control_port, stdin_port, iopub_port, hb_port] = ports as Five; // one a channel
  return {
    transport: "tcp",
    ip: "127.0.0.1",
    shell_port,
    control_port,
    stdin_port,
    iopub_port,
    hb_port,
    signature_scheme: "hmac-sha256",
    key: randomUUID(),
  };
}

type Five = [number, number, number, number, number];

/** In the last words of a kernel, ours or another, that found one of its ports taken: with others it would have started. */
export const ADDRESS_TAKEN = /EADDRINUSE|address (?:is )?(?:already )?in use/i;

async function listen(): Promise<Server> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** Whether a kernel can be spoken to. A comm outlives neither a restart nor a broken connection. */
import type { Kernel } from "@jupyterlab/services";
import { Refusal } from "./refusal.ts";

/** A connection that has asked nothing yet does not know how its kernel is: `unknown`. */
export function isReady({ status, connectionStatus }: Kernel.IKernelConnection): boolean {
  return connectionStatus === "connected" && ["unknown", "idle", "busy"].includes(status);
}

/** It does not come back. */
export function isGone(kernel: Kernel.IKernelConnection): boolean {
  return (
    kernel.isDisposed || kernel.status === "dead" || kernel.connectionStatus === "disconnected"
  );
}

/** @throws Refusal when it goes away instead */
export async function untilReady(kernel: Kernel.IKernelConnection): Promise<void> {
  await kernel.info;
  await new Promise<void>((resolve, reject) => {
    const look = (): boolean => {
      if (isGone(kernel)) reject(new Refusal({ code: "service/stopped", message: GONE }));
      else if (isReady(kernel)) resolve();
      else return false;
      return true;
    };
    if (look()) return;
    const unwatch = watchKernel(kernel, () => {
      if (look()) unwatch();
    });
  });
}

const GONE = "The kernel that leads to the project's service is gone.";

/** Calls back whenever one of these may have changed, until the returned function is called. */
export function watchKernel(kernel: Kernel.IKernelConnection, onChange: () => void): () => void {
  kernel.statusChanged.connect(onChange);
  kernel.connectionStatusChanged.connect(onChange);
  kernel.disposed.connect(onChange);
  return () => {
    kernel.statusChanged.disconnect(onChange);
    kernel.connectionStatusChanged.disconnect(onChange);
    kernel.disposed.disconnect(onChange);
  };
}

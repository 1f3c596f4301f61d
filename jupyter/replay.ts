/** Runs cells of a notebook in the kernel that JupyterLab shows it with: the session is there before the page is. */
import services from "@jupyterlab/services";
import { StepLabError } from "../core/error.ts";

export interface ReplayCell {
  id: string;
  code: string;
}

export interface ReplayOptions {
  /** The server's address with its token, as `LabServer` has it. */
  url: string;
  /** Relative to the server's root, with forward slashes. */
  notebook: string;
  /** In order. */
  cells: readonly ReplayCell[];
  onCell?: (cell: ReplayCell) => void;
  /** Aborted: the running cell is interrupted. */
  signal?: AbortSignal;
}

/** Null when every cell ran; else the one that failed, and why. @throws StepLabError `jupyter/no-kernel` */
export async function replay({
  url,
  notebook,
  cells,
  onCell,
  signal,
}: ReplayOptions): Promise<{ cell: ReplayCell; message: string } | null> {
  const address = new URL(url);
  const serverSettings = services.ServerConnection.makeSettings({
    baseUrl: new URL(address.pathname.replace(/lab$/, ""), address).href,
    token: address.searchParams.get("token") ?? "",
    appendToken: true,
  });
  const kernels = new services.KernelManager({ serverSettings });
  const sessions = new services.SessionManager({ kernelManager: kernels, serverSettings });
  try {
    const session = await sessions.startNew({
      path: notebook,
      name: notebook.slice(notebook.lastIndexOf("/") + 1),
      type: "notebook",
      kernel: { name: "steplab" },
    });
    const { kernel } = session;
    if (kernel === null) throw new StepLabError("jupyter/no-kernel", "Jupyter started no kernel.");
    const interrupt = (): void => void kernel.interrupt();
    signal?.addEventListener("abort", interrupt, { once: true });
    try {
      await kernel.info;
      for (const cell of cells) {
        if (signal?.aborted === true) return { cell, message: "interrupted" };
        onCell?.(cell);
        const { content } = await kernel.requestExecute(
          { code: cell.code, allow_stdin: false },
          true,
          { cellId: cell.id },
        ).done;
        if (content.status === "error")
          return { cell, message: `${content.ename}: ${content.evalue}` };
        if (content.status === "abort") return { cell, message: "interrupted" };
      }
      return null;
    } finally {
      signal?.removeEventListener("abort", interrupt);
      session.dispose(); // this connection; the kernel stays
    }
  } finally {
    sessions.dispose();
    kernels.dispose();
  }
}

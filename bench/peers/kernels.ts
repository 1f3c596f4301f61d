/** The peers' kernels, started as their kernelspecs say. */
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { KernelClient } from "../../test/rig/kernel-client.ts";
import { PYTHON, TYPESCRIPT, type MeasuredKernel } from "../kernels.ts";
import type { Peers } from "./index.ts";
import { environmentOf, PEERS_FOLDER } from "./setup.ts";

export function peerKernels(peers: Peers | null): MeasuredKernel[] {
  if (peers === null) return [];
  const { jupyter, kernels } = peers;
  const env = environmentOf(dirname(process.execPath));
  const start =
    (argv: string[], folder?: string): MeasuredKernel["start"] =>
    (options) =>
      KernelClient.start({
        ...options,
        argv,
        foreign: true,
        env,
        ...(folder !== undefined && { folder }),
      });
  // None of their kernelspecs asks for a message, so Jupyter sends the signal.
  const interrupt = (kernel: KernelClient): void => void kernel.process.kill("SIGINT");
  return [
    ...(jupyter
      ? [
          {
            name: "ipykernel",
            start: start([
              jupyter.path("python"),
              "-m",
              "ipykernel_launcher",
              "-f",
              "{connection_file}",
            ]),
            interrupt,
            code: PYTHON,
          },
        ]
      : []),
    ...(kernels.deno
      ? [{ name: "Deno", start: start(kernels.deno), interrupt, code: TYPESCRIPT }]
      : []),
    ...(kernels.tslab
      ? [
          {
            name: "tslab",
            start: start(kernels.tslab, folderWithTypes(peers)),
            interrupt,
            code: TYPESCRIPT,
          },
        ]
      : []),
  ];
}

/** tslab finds the types of Node beside the notebook or nowhere. */
function folderWithTypes({ typesOfNode }: Peers): string {
  const folder = join(PEERS_FOLDER, "tslab");
  mkdirSync(join(folder, "node_modules", "@types"), { recursive: true });
  const link = join(folder, "node_modules", "@types", "node");
  if (!existsSync(link)) symlinkSync(typesOfNode, link);
  return folder;
}

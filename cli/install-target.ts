/** `--user` or `--prefix DIR`: where what Jupyter looks for is put. */
import { resolve } from "node:path";
import { StepLabError } from "../core/error.ts";
import type { InstallTarget } from "../core/jupyter-folder.ts";

export const TARGET_OPTIONS = {
  user: { type: "boolean" },
  prefix: { type: "string", completes: "folder" },
} as const;

/** @throws StepLabError `cli/usage` when it is not exactly one of them */
export function targetOf(
  command: "kernel" | "lab",
  { user, prefix }: { user?: boolean | undefined; prefix?: string | undefined },
): InstallTarget {
  if ((user === true) === (prefix !== undefined))
    throw new StepLabError("cli/usage", "Say where: either --user or --prefix DIR.", {
      hint: `npx steplab ${command} install --prefix .venv`,
    });
  return prefix === undefined ? { user: true } : { prefix: resolve(prefix) };
}

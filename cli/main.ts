/** What a person types. The only room that reads argv, prints and sets exit codes. */
import { StepLabError } from "../core/error.ts";
import { EXIT, type Command } from "./command.ts";
import { printError } from "./print/error.ts";
import type { VersionOutput } from "./schemas/version.ts";

/** Loaded when typed: `steplab run` does not pay for `steplab show`. */
export const COMMANDS: Record<string, () => Promise<{ command: Command }>> = {
  status: () => import("./commands/status.ts"),
  run: () => import("./commands/run.ts"),
  watch: () => import("./commands/watch.ts"),
  lint: () => import("./commands/lint.ts"),
  init: () => import("./commands/init.ts"),
  new: () => import("./commands/new.ts"),
  runs: () => import("./commands/runs.ts"),
  show: () => import("./commands/show.ts"),
  diff: () => import("./commands/diff.ts"),
  open: () => import("./commands/open.ts"),
  lineage: () => import("./commands/lineage.ts"),
  verify: () => import("./commands/verify.ts"),
  export: () => import("./commands/export.ts"),
  gc: () => import("./commands/gc.ts"),
  kernel: () => import("./commands/kernel.ts"),
  lab: () => import("./commands/lab.ts"),
  completion: () => import("./commands/completion.ts"),
};

/** Returns the exit code. `argv` without node and script. */
export async function main(argv: readonly string[]): Promise<number> {
  const dashes = argv.indexOf("--");
  const [own, handedOn] = dashes < 0 ? [argv, []] : [argv.slice(0, dashes), argv.slice(dashes)];
  const debug = own.includes("--debug");
  const json = own.includes("--json");
  const args = [...own.filter((word) => word !== "--debug"), ...handedOn];
  process.stdout.on("error", endQuietlyAtClosedPipe);
  try {
    const [first, ...rest] = args;
    if (first === "--version" || first === "-V") return await printVersion({ json });
    if (first === "help" || first === "--help" || first === "-h") {
      if (rest[0] !== undefined && !(rest[0] in COMMANDS)) throw await unknownCommand(rest[0]);
      const { printHelp } = await import("./help.ts");
      return await printHelp(rest[0], COMMANDS);
    }
    if (first === "__complete") {
      // Asked by the scripts of `steplab completion`; nobody types it.
      const { complete } = await import("./complete.ts");
      for (const candidate of await complete(argv.slice(1), COMMANDS))
        process.stdout.write(`${candidate}\n`);
      return EXIT.done;
    }
    if (first === "__service") {
      // Started by kernels, for front ends (`runner/service/`); nobody types it.
      const { serve } = await import("../runner/service/serve.ts");
      await serve(process.stdin, process.stdout, process.cwd());
      return EXIT.done;
    }
    const name = first === undefined || first.startsWith("-") ? "status" : first;
    const load = COMMANDS[name];
    if (load === undefined) {
      throw await unknownCommand(name);
    }
    const { command } = await load();
    const words = name === first ? rest : args;
    if (own.includes("--help") || own.includes("-h")) {
      process.stdout.write(command.help);
      return EXIT.done;
    }
    return await command.run(words);
  } catch (error) {
    return printError(error, { debug, json });
  }
}

async function unknownCommand(name: string): Promise<StepLabError> {
  const { didYouMean } = await import("../core/did-you-mean.ts");
  const hint = didYouMean(name, Object.keys(COMMANDS)) ?? "npx steplab --help lists the commands.";
  return new StepLabError("cli/usage", `There is no command "${name}".`, { hint });
}

/** `steplab runs | head`: whoever reads has enough, which is no fault of ours. What a run does goes on. */
function endQuietlyAtClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

async function printVersion({ json }: { json: boolean }): Promise<number> {
  const { ownVersion } = await import("../core/own-sources.ts");
  const version = ownVersion();
  const { node } = process.versions;
  if (json) {
    const { printJson } = await import("./print/json.ts");
    printJson<VersionOutput>({ steplab: 1, version, node });
  } else {
    process.stdout.write(`steplab ${version} (Node ${node})\n`);
  }
  return EXIT.done;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

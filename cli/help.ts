import { EXIT, type Command } from "./command.ts";

/** `steplab --help`, `steplab help run`. */
export async function printHelp(
  name: string | undefined,
  commands: Record<string, () => Promise<{ command: Command }>>,
): Promise<number> {
  const load = name === undefined ? undefined : commands[name];
  if (load !== undefined) {
    process.stdout.write((await load()).command.help);
    return EXIT.done;
  }
  const lines: string[] = [];
  const width = Math.max(...Object.keys(commands).map((each) => each.length));
  for (const [each, loadEach] of Object.entries(commands))
    lines.push(`  ${each.padEnd(width)}  ${(await loadEach()).command.summary}`);
  process.stdout.write(`steplab: pipelines whose stages are notebooks

Usage: steplab [command] [options]      without a command: status

${lines.join("\n")}

Every command has --help with an example. --version says which steplab this is, --debug where an error came from.
With --json, standard output is JSON (docs/schemas/ has a schema for each command): one document, or of \`run\` one event
a line. An error is JSON too, {"steplab":1,"error":{"code":…,"message":…}}; standard error keeps the words for people.
Exit codes: 0 done, 1 the pipeline failed or a check did, 2 wrong usage or a project that does not lint, 130 cancelled.

Example: npx steplab run -p process.minPrice=20
`);
  return EXIT.done;
}

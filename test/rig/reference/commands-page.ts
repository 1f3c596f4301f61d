/** The page of the command line, made of each command's own help. */
import { COMMANDS } from "../../../cli/main.ts";
import { publishedSchemas } from "../schemas.ts";

/** Commands that print what the archive holds, as it is. */
const FROM_ARCHIVE: Record<string, string[]> = {
  run: ["[events](record.md#event)"],
  show: ["[the record](record.md#run)", "[a stage of it](record.md#stage)"],
};

export async function commandsPage(): Promise<string> {
  const schemas = Object.keys(await publishedSchemas());
  const commands = await Promise.all(
    Object.values(COMMANDS).map(async (load) => (await load()).command),
  );
  const list = commands.map(
    ({ name, summary }) => `| [\`${name}\`](#${anchor(name)}) | ${summary} |`,
  );
  const sections = commands.map(({ name, help }) => {
    const published = schemas.filter((each) => each === name || each.startsWith(`${name}-`));
    const links = FROM_ARCHIVE[name] ?? published.map((each) => `[${each}](json.md#${each})`);
    const json = links.length === 0 ? "" : `\nWhat \`--json\` prints: ${links.join(", ")}.\n`;
    return `## steplab ${name}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n${json}`;
  });
  return `# What can I type?

\`steplab\` without a command is \`steplab status\`. Each command has \`--help\`, which is what stands here.

| command | |
| --- | --- |
${list.join("\n")}

| exit code | |
| --- | --- |
| 0 | done |
| 1 | the pipeline failed, or a check did |
| 2 | wrong usage, or a project that does not lint |
| 130 | cancelled (Ctrl-C) |

Every command takes \`--debug\` (where an error came from); \`steplab --version\` says which steplab this is.

${sections.join("\n")}`;
}

function anchor(name: string): string {
  return `steplab-${name}`;
}

/** The page of PIPELINE.md's keys, made of the tables that its reader uses. */
import { FRONT_MATTER_KEYS, STAGE_KEYS, type Key } from "../../../pipeline/document/keys.ts";

export function documentPage(): string {
  return `# Which keys does PIPELINE.md know?

The task: [How do I describe a pipeline?](../pipeline.md)

## Front matter

Between two lines \`---\` at the beginning of the document.

${table(FRONT_MATTER_KEYS)}

## A stage's block

The block that begins with \`\` \`\`\`yaml stage \`\` in a \`##\` section.

${table(STAGE_KEYS)}
`;
}

function table(keys: Record<string, Key>): string {
  const rows = Object.entries(keys).map(
    ([name, { meaning, example, otherwise }]) =>
      `| \`${name}\` | ${meaning} | \`${example}\` | ${otherwise ?? "*must be there*"} |`,
  );
  return ["| key | meaning | example | without it |", "| --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}

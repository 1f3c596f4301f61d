/** A page of the reference for one module of the package: every export with its doc comment and signature. */
import { relative } from "node:path";
import { declarationOf, exportsOf, type Declared } from "./declarations.ts";
import { STEPLAB_ROOT } from "../../../core/own-sources.ts";

export interface ModulePage {
  /** As it is imported: "steplab/testing". */
  specifier: string;
  /** Absolute path of its source. */
  entry: string;
  /** A sentence or two below the title, in markdown. */
  introduction: string;
  /** Headings, each with the folders or files (from the root) whose exports stand under it; one without headings has none. */
  sections: readonly { title: string; from: readonly string[] }[];
  /** Folders and files whose types a reader need not see, or sees elsewhere, although signatures name them. */
  without?: readonly string[];
}

export function modulePage({
  specifier,
  entry,
  introduction,
  sections,
  without = [],
}: ModulePage): string {
  const exported = exportsOf(entry);
  const names = new Set(exported.map(({ name }) => name));
  const helping = namedBy(exported, names).filter(
    ({ module }) => !without.some((each) => liesIn(module, each)),
  );
  const groups = [...sections.map(({ title }) => title), "More"].map((title) => ({
    title,
    entries: [] as Declared[],
  }));
  for (const each of exported) {
    const at = sections.findIndex(({ from }) => from.some((folder) => liesIn(each.module, folder)));
    groups.at(at)?.entries.push(each); // what no section asked for comes last
  }
  groups.push({ title: "Types that the signatures name", entries: helping });
  const filled = groups.filter(({ entries }) => entries.length > 0);
  const links = linksTo(
    filled.flatMap(({ title, entries }) => [title, ...entries.map(({ name }) => name)]),
  );
  const contents = filled.map(
    ({ title, entries }) => `- ${title}: ${entries.map(({ name }) => links.get(name)).join(", ")}`,
  );
  const bodies = filled.map(
    ({ title, entries }) =>
      `## ${title}\n\n${entries.map((each) => entryText(each, links)).join("\n")}`,
  );
  return `# What does "${specifier}" export?\n\n${introduction}\n\n${contents.join("\n")}\n\n${bodies.join("\n")}`;
}

function liesIn(module: string, folder: string): boolean {
  const path = relative(STEPLAB_ROOT, module);
  return path === folder || path.startsWith(`${folder}/`);
}

/** What the exports' signatures name and a reader needs: documented interfaces and types of ours that are not exported themselves. */
function namedBy(exported: readonly Declared[], names: ReadonlySet<string>): Declared[] {
  const found = new Map<string, Declared>();
  const visit = (from: Declared): void => {
    for (const [word] of withoutComments(from.code).matchAll(/\b[A-Z]\w+\b/g)) {
      if (names.has(word) || found.has(word)) continue;
      const declared = declarationOf(from.module, word);
      if (declared === undefined || !isForReaders(declared)) continue;
      found.set(word, declared);
      visit(declared);
    }
  };
  for (const each of exported) visit(each);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Types that compute types tell the compiler something, and readers nothing. */
function isForReaders({ code, doc, isType }: Declared): boolean {
  if (code.startsWith("interface")) return true;
  return isType && doc !== "" && !/\?|\bin keyof\b/.test(code);
}

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, "");
}

function entryText(declared: Declared, links: ReadonlyMap<string, string>): string {
  const { name, doc, code } = declared;
  const heading = `### ${name}\n\n`;
  const comment = doc === "" ? "" : `${markdownOf(doc, links)}\n\n`;
  return `${heading}${comment}\`\`\`ts\n${code}\n\`\`\`\n`;
}

/** A doc comment as markdown: examples become blocks, tags sentences, names links. */
function markdownOf(doc: string, links: ReadonlyMap<string, string>): string {
  const [text = "", ...tags] = doc.split(/^@/m);
  const blocks = text
    .trim()
    .split(/\n{2,}(?=\S)|\n{2,}(?= {4})/)
    .map((paragraph) =>
      paragraph.startsWith("    ")
        ? `\`\`\`ts\n${paragraph.replace(/^ {4}/gm, "")}\n\`\`\``
        : paragraph,
    );
  const told = tags.map(tagText);
  return [...blocks, ...told]
    .filter((block) => block !== "")
    .join("\n\n")
    .replace(/\{@link (\w+)\}/g, (_, name: string) => links.get(name) ?? `\`${name}\``);
}

function tagText(tag: string): string {
  const [, word = "", rest = ""] = /^(\w+)\s*([\s\S]*)$/.exec(tag.trim()) ?? [];
  const text = rest.replace(/\s*\n\s*/g, " ");
  switch (word) {
    case "throws":
      return `*Throws* ${text.replace(/^StepLabError\s*/, "")}`;
    case "returns":
      return `*Gives* ${text}`;
    case "param":
    case "typeParam":
      return text.replace(/^([\w.]+)/, "`$1`:");
    default:
      throw new Error(`the reference does not know @${word}`);
  }
}

/** GitHub counts headings that differ in case alone: `table` is #table, `Table` #table-1. */
function linksTo(headings: readonly string[]): Map<string, string> {
  const counts = new Map<string, number>();
  return new Map(
    headings.map((heading) => {
      const slug = heading
        .toLowerCase()
        .replace(/[^a-z0-9_ -]/g, "")
        .replaceAll(" ", "-");
      const count = counts.get(slug) ?? 0;
      counts.set(slug, count + 1);
      return [heading, `[\`${heading}\`](#${count === 0 ? slug : `${slug}-${count}`})`];
    }),
  );
}

/** Every relative link and anchor in this repository's documents leads somewhere. Addresses on the web are not fetched: tests need no network. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");

/** Folders that hold other people's documents, or none worth reading. */
const OTHERS =
  /^(node_modules|data|dist|lab\/node_modules|\.git|\.steplab|test\/golden)(\/|$)|(^|\/)runs(\/|$)/;

function documents(): string[] {
  return globSync("**/*.md", { cwd: root, exclude: (path) => OTHERS.test(path) }).sort();
}

/** Without fenced blocks and code in a line: what stands there is shown, not linked. */
function prose(markdown: string): string {
  return markdown
    .replace(/^( *)(`{3,}|~{3,})[^\n]*\n[\s\S]*?^ *\2 *$/gm, "")
    .replace(/`[^`\n]*`/g, "");
}

function linksOf(markdown: string): string[] {
  const text = prose(markdown);
  const inline = text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g);
  const references = text.matchAll(/^\s*\[[^\]]+\]:\s*<?(\S+?)>?\s*$/gm);
  const html = text.matchAll(/<(?:img|a|source)\b[^>]*?\b(?:src|href|srcset)="([^"]+)"/g);
  return [...inline, ...references, ...html].map(([, target]) => target ?? "");
}

/** The anchors GitHub makes of headings: lower case, without punctuation, spaces as hyphens, repeated ones numbered. */
function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  const counts = new Map<string, number>();
  const withoutBlocks = markdown.replace(/^( *)(`{3,}|~{3,})[^\n]*\n[\s\S]*?^ *\2 *$/gm, "");
  for (const [, heading = ""] of withoutBlocks.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  for (const [, id = ""] of markdown.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

/** What is wrong with a link; undefined where it leads somewhere. */
function problemOf(
  target: string,
  from: string,
  read: (path: string) => string,
): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return undefined;
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? from : join(dirname(from), decodeURIComponent(path));
  if (relative(root, resolve(root, file)).startsWith(".."))
    return `${target} leaves the repository`;
  if (!existsSync(join(root, file))) return `${target}: there is no ${file}`;
  if (anchor === undefined || !file.endsWith(".md")) return undefined;
  return anchorsOf(read(file)).has(anchor)
    ? undefined
    : `${target}: ${file} has no heading #${anchor}`;
}

/** A pipeline's own document is reached as a folder. */
const isPartOfProject = (path: string): boolean => path.endsWith("/PIPELINE.md");

describe("links", () => {
  const read = (path: string): string => readFileSync(join(root, path), "utf8");

  test.each(documents())("of %s lead somewhere", (document) => {
    const problems = linksOf(read(document)).flatMap(
      (target) => problemOf(target, document, read) ?? [],
    );
    expect(problems).toEqual([]);
  });

  test("lead to every page of docs/", () => {
    const linked = new Set(
      documents().flatMap((document) =>
        linksOf(read(document)).map((target) =>
          join(dirname(document), target.split("#")[0] ?? ""),
        ),
      ),
    );
    const pages = documents().filter((path) => path.startsWith("docs/") && !isPartOfProject(path));
    expect(pages.filter((page) => !linked.has(page))).toEqual([]);
  });

  test("are found in every form, and only in prose", () => {
    const markdown =
      '[a](x.md "t") ![i](<y.png>) [r][1]\n\n[1]: z.md#b\n\n<img src="w.svg">\n`[c](no)`\n```\n[d](no)\n```\n';
    expect(linksOf(markdown)).toEqual(["x.md", "y.png", "z.md#b", "w.svg"]);
  });

  test("to a file or heading that is not there are named", () => {
    const readme = (): string => "# One thing: `npm start`\n# Two\n# Two\n";
    expect(problemOf("no.md", "ARCHITECTURE.md", readme)).toBe("no.md: there is no no.md");
    expect(problemOf("#one-thing-npm-start", "ARCHITECTURE.md", readme)).toBeUndefined();
    expect(problemOf("#two-1", "ARCHITECTURE.md", readme)).toBeUndefined();
    expect(problemOf("#three", "ARCHITECTURE.md", readme)).toContain("has no heading #three");
    expect(problemOf("../../etc/passwd", "ARCHITECTURE.md", readme)).toContain(
      "leaves the repository",
    );
    expect(problemOf("https://example.org", "ARCHITECTURE.md", readme)).toBeUndefined();
  });
});

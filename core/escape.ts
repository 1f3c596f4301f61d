/** Text made safe for the forms that interpret it. Everything that comes from data passes through here. */

const HTML: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Safe between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => HTML[character] ?? character);
}

/**
 * Text that Markdown shows as it stands: no emphasis, links, images, tables, HTML or math. Line breaks
 * become spaces, because a line's first characters could start a list, a heading or a code block.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s*\r?\n\s*/g, " ")
    .replace(/[&<>]/g, escapeHtml)
    .replace(/([\\`*_{}[\]()#+\-!|~$.:@])/g, "\\$1");
}

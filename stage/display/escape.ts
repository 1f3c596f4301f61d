/** Text made safe for the three forms that interpret it. Everything that comes from data passes through here. */

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
    .replace(/[&<>]/g, (character) => HTML[character] ?? character)
    .replace(/([\\`*_{}[\]()#+\-!|~$.:@])/g, "\\$1");
}

/**
 * Control characters as visible symbols (`␛`), line breaks and tabs too: text that goes to a terminal or
 * into one line of a table can neither move the cursor nor break the line.
 */
export function escapeControls(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code); // the Control Pictures block
    return code === 0x7f ? "␡" : " ";
  });
}

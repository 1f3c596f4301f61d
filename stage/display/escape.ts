/** Text made safe for where it is shown. */
export { escapeHtml, escapeMarkdown } from "../../core/escape.ts";

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

/** How wide text is, in the cells of a terminal and in points of a typeface, without a terminal or a canvas. */

/** CJK, Hangul, full-width forms and emoji take two cells; combining marks and joiners none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const NONE = /\p{Mn}|\p{Me}|\p{Cf}|\p{Variation_Selector}/u;

/** Cells that a monospaced font needs for one line of text. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (NONE.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/**
 * Advance widths of ASCII 32 to 126 in Helvetica, thousandths of an em (Adobe's font metrics, 1997;
 * Arial and Liberation Sans were drawn to the same widths).
 */
const HELVETICA = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
  556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
  611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
  667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
  222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/** Points that a line of text takes in a Helvetica-like typeface; 15 % generous, since a reader's machine may have a wider one (DejaVu Sans). */
export function typefaceWidth(text: string, fontSize: number): number {
  let thousandths = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    thousandths += HELVETICA[code - 32] ?? (WIDE.test(character) ? 1000 : 600);
  }
  return (thousandths / 1000) * fontSize * 1.15;
}

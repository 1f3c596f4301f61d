/**
 * An error may carry a whole table in its message; the record, the journal and the notebook each keep it, and none
 * of them is a place for megabytes. Beginning and end stay: what was wrong, and what it came to.
 */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor(most / 2);
  const left = (text.length - 2 * half).toLocaleString("en-US");
  return `${text.slice(0, half)}\n… ${left} characters left out …\n${text.slice(-half)}`;
}

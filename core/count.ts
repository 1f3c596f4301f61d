/** Numbers of things, in words. */

let format: Intl.NumberFormat | undefined;

/** `20,000`: commas whatever the machine's locale, so that the same table gives the same bytes. */
export function count(value: number): string {
  return (format ??= new Intl.NumberFormat("en-US")).format(value);
}

/** `1 row`, `20,000 rows`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

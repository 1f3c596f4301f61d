/** Every global of this Node, so that the list is never behind; "global" is what old packages still read. */
export const GLOBALS: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(globalThis));

/** The global that rewritten cells call; `helpers.ts` defines it. Not configurable, so no cell can declare it. */
export const HELPERS = "$steplab";

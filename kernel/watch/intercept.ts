/** Looking on while a function is called, without anybody noticing. */

/** Called before the function; what it gives is called with the result of a function that returned. */
export type Look = (args: readonly unknown[]) => void | ((result: unknown) => void);

/** How many intercepted functions are running: what they call in their turn is Node's own business. */
let depth = 0;

/**
 * Puts a function that behaves as the old one in its place: a Proxy keeps its name, length, own properties
 * (`util.promisify.custom`, `realpath.native`), what it throws, and what it is with `new`.
 */
export function intercept(owner: object, name: string, look: Look): void {
  const members = owner as Record<string, unknown>; // a module's exports
  const original = members[name];
  if (typeof original !== "function") return; // another version of Node
  members[name] = new Proxy(original, {
    apply(target, self, args: unknown[]) {
      const after = depth === 0 ? look(args) : undefined;
      depth++;
      try {
        const result: unknown = Reflect.apply(target, self, args);
        after?.(result);
        return result;
      } finally {
        depth--;
      }
    },
  });
}

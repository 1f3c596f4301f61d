/** The other tools, each in an environment of its own under `.steplab/bench/`. */

/** What tasks see of them. */
export interface Peers {
  /** What is not there, and why. */
  missing: ReadonlyMap<string, string>;
  /** What is there, by its name. */
  versions: Record<string, string>;
}

export function openPeers(_options: {
  extra: readonly string[];
  say: (text: string) => void;
}): Peers {
  return { missing: new Map(), versions: {} };
}

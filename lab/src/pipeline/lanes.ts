/**
 * The graph beside a list of stages, as version control draws branches: one row a stage, in the order of the graph,
 * and lines that run down from what a stage writes to who reads it. Fits the narrowest panel; pure.
 */

export interface GraphNode {
  name: string;
  /** Stages before it, by name; all stand above it in the list. */
  needs: readonly string[];
}

export interface GraphRow {
  name: string;
  /** Its column, from 0. */
  lane: number;
  /** Lines that only pass it, by lane. */
  passing: number[];
  /** Lanes of lines that end here, from above. */
  incoming: number[];
  /** Whether a line begins here, to somebody below. */
  continues: boolean;
}

/** Rows in the order given, and how many lanes they need. Stages that read one output share its line. */
export function graphRows(nodes: readonly GraphNode[]): { rows: GraphRow[]; lanes: number } {
  const lastReader = new Map<string, number>();
  nodes.forEach((node, row) => {
    for (const need of node.needs) lastReader.set(need, row);
  });
  /** Lane to the stage whose line runs in it. */
  const open: (string | null)[] = [];
  let lanes = 0;
  const rows = nodes.map((node, row): GraphRow => {
    const incoming = open.flatMap((name, lane) =>
      name !== null && node.needs.includes(name) ? [lane] : [],
    );
    for (const lane of incoming) {
      const name = open[lane];
      if (name !== null && name !== undefined && lastReader.get(name) === row) open[lane] = null;
    }
    // In the lane of a line that ends here, so that a chain is a straight line.
    const ended = incoming.find((lane) => open[lane] === null);
    const free = open.indexOf(null);
    const lane = ended ?? (free === -1 ? open.length : free);
    const passing = open.flatMap((name, each) => (name === null || each === lane ? [] : [each]));
    const continues = lastReader.has(node.name);
    open[lane] = continues ? node.name : null;
    lanes = Math.max(lanes, open.length, lane + 1);
    return { name: node.name, lane, passing, incoming, continues };
  });
  return { rows, lanes };
}

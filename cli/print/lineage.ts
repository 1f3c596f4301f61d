/** A lineage graph as two trees: what it was made of, what was made of it. */
import { hexOf } from "../../core/digest.ts";
import {
  placeName,
  type ArtifactNode,
  type Edge,
  type Graph,
  type StepNode,
} from "../../lineage/query/lineage/graph.ts";
import { gitPhrase } from "./git.ts";
import { bytes, count, paint, plural, statusColor } from "./style.ts";

/** More branches of one node than these are counted. */
const BRANCHES = 20;
const PARAMS_CHARACTERS = 100;

type Direction = "up" | "down";

export function lineageLines(graph: Graph, directions: { up: boolean; down: boolean }): string[] {
  const tree = new Tree(graph);
  const lines = [tree.label(graph.root)];
  if (directions.up)
    lines.push(
      ...section(
        "made of",
        tree.branches(graph.root, "up"),
        "nothing known: it comes from outside",
      ),
    );
  if (directions.down)
    lines.push(...section("went into", tree.branches(graph.root, "down"), "nothing yet"));
  return lines;
}

function section(title: string, lines: string[], empty: string): string[] {
  return ["", paint("bold", title), ...(lines.length > 0 ? lines : [paint("dim", `  ${empty}`)])];
}

class Tree {
  readonly #artifacts: Map<string, ArtifactNode>;
  readonly #steps: Map<string, StepNode>;
  readonly #next: Record<Direction, Map<string, Edge[]>> = { up: new Map(), down: new Map() };
  /** Nodes whose branches stand already: said again, they are not drawn again. */
  readonly #drawn = new Set<string>();

  constructor({ artifacts, steps, edges }: Graph) {
    this.#artifacts = new Map(artifacts.map((node) => [node.id, node]));
    this.#steps = new Map(steps.map((node) => [node.id, node]));
    for (const edge of edges) {
      push(this.#next.up, edge.to, edge);
      push(this.#next.down, edge.from, edge);
    }
  }

  branches(id: string, direction: Direction): string[] {
    const edges = this.#next[direction].get(id) ?? [];
    const lines: string[] = [];
    const shown = edges.slice(0, BRANCHES);
    for (const [at, edge] of shown.entries()) {
      const isLast = at === edges.length - 1;
      const other = direction === "up" ? edge.from : edge.to;
      lines.push(
        `${isLast ? "└─" : "├─"} ${this.label(other, edge)}${this.#isAbove(other, direction) ? paint("dim", "  (above)") : ""}`,
      );
      if (this.#drawn.has(`${direction} ${other}`)) continue;
      this.#drawn.add(`${direction} ${other}`);
      const below = [...this.#params(other), ...this.branches(other, direction)];
      lines.push(...below.map((line) => `${isLast ? "   " : "│  "}${line}`));
    }
    if (edges.length > shown.length)
      lines.push(
        `└─ ${paint("dim", `and ${count(edges.length - shown.length)} more (--json has all)`)}`,
      );
    return lines;
  }

  #isAbove(id: string, direction: Direction): boolean {
    return (
      this.#drawn.has(`${direction} ${id}`) && (this.#next[direction].get(id)?.length ?? 0) > 0
    );
  }

  label(id: string, edge?: Edge): string {
    const artifact = this.#artifacts.get(id);
    if (artifact !== undefined) return artifactLabel(artifact, edge);
    const step = this.#steps.get(id);
    return step === undefined ? id : stepLabel(step);
  }

  /** A step's parameters, on a line of their own. */
  #params(id: string): string[] {
    const params = Object.entries(this.#steps.get(id)?.execution.params ?? {});
    if (params.length === 0) return [];
    const text = params.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ");
    const cut = text.length <= PARAMS_CHARACTERS ? text : `${text.slice(0, PARAMS_CHARACTERS)}…`;
    return [paint("dim", `  ${cut}`)];
  }
}

/** The name under which a stage reads or writes it stands first where it is another. */
function artifactLabel(
  { digest, place, kind, bytes: size, rows }: ArtifactNode,
  edge?: Edge,
): string {
  const name = placeName(place);
  const own = "stage" in place ? place.output : name;
  const as = edge === undefined || edge.as === own ? "" : paint("dim", ` as ${edge.as}`);
  const facts = [
    kind ?? "",
    rows === null ? "" : plural(rows, "row"),
    bytes(size),
    hexOf(digest).slice(0, 8),
  ];
  return `${name}${as}  ${paint("dim", facts.filter((fact) => fact !== "").join("  "))}`;
}

function stepLabel({ stage, status, execution, executions, runs }: StepNode): string {
  const state = status === "succeeded" ? "" : `  ${paint(statusColor(status), status)}`;
  const code = execution.git === null ? "" : `, ${gitPhrase(execution.git)}`;
  const again = executions > 1 ? `, executed ${count(executions)} times` : "";
  const taken = runs > executions ? `, in ${plural(runs, "run")}` : "";
  return `${paint("cyan", stage)}${state}  ${execution.run}${paint("dim", `${code}, code ${hexOf(execution.notebook).slice(0, 8)}${again}${taken}`)}`;
}

function push(map: Map<string, Edge[]>, key: string, edge: Edge): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [edge]);
  else list.push(edge);
}

/** A lineage graph as a Mermaid flowchart: steps are boxes, artifacts rounded, the one asked for thick. */
import { hexOf } from "../../core/digest.ts";
import { placeName, type Graph } from "../../lineage/query/lineage/graph.ts";

export function lineageMermaid({ root, artifacts, steps, edges }: Graph): string[] {
  const names = new Map<string, string>();
  for (const [at, { id }] of [...artifacts, ...steps].entries()) names.set(id, `n${at + 1}`);
  const nameOf = (id: string): string => names.get(id) ?? id;
  return [
    "flowchart LR",
    ...artifacts.map(
      ({ id, place, digest }) =>
        `  ${nameOf(id)}(["${quoted(placeName(place))}<br>${hexOf(digest).slice(0, 8)}"])`,
    ),
    ...steps.map(
      ({ id, stage, execution }) => `  ${nameOf(id)}["${quoted(stage)}<br>${execution.run}"]`,
    ),
    ...edges.map(({ from, to }) => `  ${nameOf(from)} --> ${nameOf(to)}`),
    `  style ${nameOf(root)} stroke-width:4px`,
  ];
}

/** A label's quotes end it, and its markup is Mermaid's own. */
function quoted(text: string): string {
  return text
    .replaceAll("&", "#amp;")
    .replaceAll('"', "#quot;")
    .replaceAll("<", "#lt;")
    .replaceAll(">", "#gt;");
}

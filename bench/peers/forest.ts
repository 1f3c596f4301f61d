/** What people would train instead: scikit-learn's random forest, by the reference's recipe, on the same rows. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench, Contestant, Figures } from "../measure.ts";
import { benchFolder } from "../project.ts";

export function forestPeers(
  { peers, resources }: Pick<Bench, "peers" | "resources">,
  rows: { known: readonly object[]; test: readonly object[] },
): Contestant[] {
  const jupyter = peers?.jupyter;
  if (!jupyter) return [];
  const { root } = resources.use(benchFolder());
  for (const [name, part] of Object.entries(rows))
    writeFileSync(join(root, `${name}.json`), JSON.stringify(part));
  let work: unknown;
  return [
    {
      name: "scikit-learn's random forest, all cores",
      measure() {
        const words = [join(import.meta.dirname, "forest.py"), "known.json", "test.json"];
        const said = JSON.parse(jupyter.run(root, "python", words).stdout) as {
          figures: Figures;
          work: unknown;
        }; // what forest.py prints
        work = said.work;
        return said.figures;
      },
      work: () => work,
    },
  ];
}

/** CSV to Parquet with pandas, in a process of its own: no kernel, no schema, no archive. */
import { join } from "node:path";
import type { Bench, Contestant } from "../measure.ts";
import { benchFolder } from "../project.ts";

export function csvPeers(
  { peers, resources }: Pick<Bench, "peers" | "resources">,
  csv: string,
  contentOf: (parquet: string) => Promise<unknown>,
): Contestant[] {
  const jupyter = peers?.jupyter;
  if (!jupyter) return [];
  const { root } = resources.use(benchFolder());
  return (["pandas", "pyarrow"] as const).map((engine) => {
    const parquet = join(root, `${engine}.parquet`);
    return {
      name: engine === "pandas" ? "pandas" : "pandas, read by pyarrow",
      measure() {
        const script = join(import.meta.dirname, "clean.py");
        const { seconds, stdout } = jupyter.run(root, "python", [script, csv, parquet, engine]);
        return { wall: seconds, memory: Number(stdout) / 1e6 };
      },
      work: () => contentOf(parquet),
    };
  });
}

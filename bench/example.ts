/** The example: what its best fit costs, what it is worth, and the whole chain on it. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { generateListings } from "../notebooks/sample/generate.ts";
import { modelOf } from "../notebooks/models/candidates.ts";
import { FeatureParams } from "../notebooks/models/features.ts";
import { gbdt } from "../notebooks/models/gbdt.ts";
import { mae, r2 } from "../notebooks/models/scores.ts";
import { featureNames } from "../notebooks/schemas/listing.ts";
import { STEPLAB_ROOT } from "../core/own-sources.ts";
import { cleanedListings, partOf, type Cleaned } from "../test/rig/example.ts";
import type { Figures, Task } from "./measure.ts";
import { forestPeers } from "./peers/forest.ts";
import { timed } from "./process.ts";
import { benchProject, type BenchProject } from "./project.ts";

export const exampleTasks: readonly Task[] = [
  {
    name: "fit",
    rounds: 5,
    rows: [
      {
        figure: "seconds",
        what: "the example's best fit, preprocessing included",
        unit: "s",
        bound: 2,
        note: "Learned from and judged on the same rows of the sample, real where it lies beside the project. Other models: steplab's example has boosted trees of its own on one thread, the peer a forest on all cores by the recipe that the example took over. Only the fit counts, not Python's start.",
      },
      { figure: "mae", what: "  its test MAE, the chain's split", unit: "USD", bound: 32.5 },
      {
        figure: "unexplained",
        what: "  variance left unexplained (1 - R²)",
        unit: "",
        bound: 0.435,
      },
    ],
    async prepare(bench) {
      const cleaned = await cleanedListings();
      const { known, test } = partsOf(cleaned);
      const rows = { known: known.objects(), test: test.objects() };
      return [
        {
          name: "steplab",
          measure: () => fitAndJudge(cleaned),
          work: () => ({
            learned: known.numRows(),
            asked: test.numRows(),
            prices: test.array("price").reduce((sum, price) => sum + price, 0),
          }),
        },
        ...forestPeers(bench, rows),
      ];
    },
  },
  {
    name: "splits",
    rounds: 1,
    warmUp: false,
    rows: [
      { figure: "mae", what: "  mean of ten splits, test MAE", unit: "USD", bound: 32.5 },
      {
        figure: "unexplained",
        what: "  mean of ten splits, variance left unexplained",
        unit: "",
        bound: 0.435,
      },
    ],
    async prepare() {
      const cleaned = await cleanedListings();
      return [{ name: "steplab", measure: () => meanOfSplits(cleaned) }];
    },
  },
  {
    name: "example-chain",
    rounds: 3,
    warmUp: false,
    rows: [
      {
        figure: "wall",
        what: "the example's whole chain, nothing cached, lint and all",
        unit: "s",
        bound: 20,
      },
    ],
    prepare({ resources }) {
      const { root } = resources.use(exampleProject());
      return [
        {
          name: "steplab",
          /** Cold each time: without the archive of the run before, which has the verdict and every stage cached. */
          measure() {
            rmSync(join(root, "runs"), { recursive: true, force: true });
            return { wall: timed(root, ["run"]) };
          },
        },
      ];
    },
  },
];

const OTHER_SALTS = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];

/** Splits by other salts: how much of the figure is the luck of one. */
async function meanOfSplits(cleaned: Cleaned): Promise<Figures> {
  const fits: Fit[] = [];
  for (const salt of [undefined, ...OTHER_SALTS]) fits.push(await fitAndJudge(cleaned, salt));
  const mean = (of: (fit: Fit) => number): number =>
    fits.reduce((sum, fit) => sum + of(fit), 0) / fits.length;
  return { mae: mean(({ mae }) => mae), unexplained: mean(({ unexplained }) => unexplained) };
}

type Fit = Record<"seconds" | "mae" | "unexplained", number>;

function partsOf({ listings }: Cleaned, salt?: string) {
  return {
    known: partOf(listings, ["train", "valid"], salt),
    test: partOf(listings, ["test"], salt),
  };
}

async function fitAndJudge(cleaned: Cleaned, salt?: string): Promise<Fit> {
  const { known, test } = partsOf(cleaned, salt);
  const started = performance.now();
  const fitted = await modelOf({
    model: "trees",
    features: FeatureParams.parse({}),
    params: gbdt.params.parse({}),
  }).fit(known, { target: "price" });
  const seconds = (performance.now() - started) / 1000;
  const said = (await fitted.apply(test.select(...featureNames))).array("predicted");
  const asked = test.array("price");
  return { seconds, mae: mae(asked, said), unexplained: 1 - r2(asked, said) };
}

/** A copy in a folder of its own, so that no archive with cached results lies beside it. */
function exampleProject(): BenchProject {
  const project = benchProject({ "data/listings.csv": delivery() });
  for (const part of ["PIPELINE.md", "notebooks"])
    cpSync(join(STEPLAB_ROOT, part), join(project.root, part), { recursive: true });
  mkdirSync(join(project.root, "node_modules", "@tensorflow"), { recursive: true });
  for (const name of ["tfjs", "tfjs-backend-wasm"]) {
    const path = join("node_modules", "@tensorflow", name);
    symlinkSync(join(STEPLAB_ROOT, path), join(project.root, path));
  }
  return project;
}

/** What `npm start` runs on, where set-up has put it. */
function delivery(): string {
  const path = join(STEPLAB_ROOT, "data", "listings.csv");
  return existsSync(path) ? readFileSync(path, "utf8") : generateListings();
}

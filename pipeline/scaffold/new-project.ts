/**
 * A new project: which files it gets, and what becomes of those that are there already. Values only but for reading
 * what is there; `steplab init` writes them.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { StepLabError } from "../../core/error.ts";
import { FROM_SOURCE, STEPLAB_ROOT } from "../../core/own-sources.ts";
import { addDependency } from "./add-dependency.ts";
import { ownDependency } from "./own-dependency.ts";

/** Files of `starter/` that make the example; they belong together. */
const EXAMPLE = [
  "PIPELINE.md",
  "notebooks/1-collect.ipynb",
  "notebooks/2-process.ipynb",
  "notebooks/3-train.ipynb",
  "notebooks/days.ts",
  "notebooks/models/lines.ts",
  "notebooks/explore/weather.ipynb",
  "test/process.test.ts",
] as const;

/** Files of `starter/` that serve any pipeline. */
const AROUND = ["README.md", ".github/workflows/steplab.yml"] as const;

const IGNORED = ["node_modules/", "runs/", ".steplab/", ".ipynb_checkpoints/"];

/** What the compiler is told of a new project; the same as lint takes where there is no tsconfig.json. */
const TSCONFIG = {
  compilerOptions: {
    strict: true,
    target: "esnext",
    lib: ["esnext"],
    module: "nodenext",
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    noUncheckedIndexedAccess: true,
    resolveJsonModule: true,
    types: ["node"],
  },
  include: ["notebooks", "test"],
};

export interface NewProject {
  /** Absolute. */
  folder: string;
  /** What package.json says of steplab. */
  dependency: string;
  /** Files to make, by path relative to the folder. */
  write: { path: string; text: string }[];
  /** Files that stand there and get an addition; nothing else in them changes. */
  change: { path: string; text: string; what: string }[];
  /** Files that stand there and stay as they are. */
  keep: string[];
  /** What only the person can do, one sentence each. */
  byHand: { path: string; what: string }[];
}

/**
 * Plans a project in this folder, which may be there and hold anything but a project.
 *
 * @throws StepLabError `project/exists`, `project/in-the-way`
 */
export function planProject(folder: string, { bare }: { bare: boolean }): NewProject {
  refuseWhatIsInTheWay(folder, bare);
  const name = packageName(basename(folder));
  const project: NewProject = {
    folder,
    dependency: ownDependency(folder),
    write: [],
    change: [],
    keep: [],
    byHand: [],
  };
  planPackage(project, name);
  // The project's own programs follow package.json to what the package would hold; the commands run the sources.
  if (FROM_SOURCE)
    project.byHand.push({
      path: project.dependency.replace(/^file:/, ""),
      what: "a checkout: `npm test` here needs it built, `node bin/build.js` there, and again after changes",
    });
  planIgnored(project);
  offer(project, "tsconfig.json", `${JSON.stringify(TSCONFIG, null, 2)}\n`);
  if (bare) offer(project, "PIPELINE.md", barePipeline(name));
  else for (const path of EXAMPLE) offer(project, path, starterText(path));
  for (const path of AROUND)
    offer(project, path, starterText(path).replace(/^# bicycle-rentals$/m, `# ${name}`));
  return project;
}

function refuseWhatIsInTheWay(folder: string, bare: boolean): void {
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new StepLabError("project/in-the-way", `${folder} is a file.`, {
      hint: "Name a folder: one that is there, or one to make.",
    });
  if (existsSync(join(folder, "PIPELINE.md")))
    throw new StepLabError(
      "project/exists",
      `${folder} is a project already: it has a PIPELINE.md.`,
      {
        hint: "npx steplab new adds a stage to it; npx steplab lint says whether it is right.",
      },
    );
  const inTheWay = bare ? [] : EXAMPLE.filter((path) => existsSync(join(folder, path)));
  if (inTheWay.length > 0)
    throw new StepLabError(
      "project/in-the-way",
      `The example cannot be written, because these are there already: ${inTheWay.join(", ")}. Nothing was changed.`,
      { hint: "npx steplab init --bare makes a project without the example." },
    );
}

function offer(project: NewProject, path: string, text: string): void {
  if (existsSync(join(project.folder, path))) project.keep.push(path);
  else project.write.push({ path, text });
}

function planPackage(project: NewProject, name: string): void {
  const { folder, dependency } = project;
  const path = "package.json";
  if (!existsSync(join(folder, path))) {
    const manifest = {
      name,
      private: true,
      type: "module",
      scripts: {
        start: "steplab run",
        lint: "steplab lint",
        test: 'node --test "test/**/*.test.ts"',
        lab: "steplab lab",
      },
      dependencies: { steplab: dependency },
      engines: { node: ">=24" },
      // It comes with its binaries; its script would only build them where there are none.
      allowScripts: { zeromq: false },
    };
    project.write.push({ path, text: `${JSON.stringify(manifest, null, 2)}\n` });
    return;
  }
  const added = addDependency(readFileSync(join(folder, path), "utf8"), "steplab", dependency);
  if (added.outcome === "added")
    project.change.push({ path, text: added.text, what: `dependencies.steplab: ${dependency}` });
  else project.keep.push(path);
  if (added.outcome === "unclear")
    project.byHand.push({ path, what: `add "steplab": "${dependency}" to its dependencies` });
}

function planIgnored(project: NewProject): void {
  const path = ".gitignore";
  if (!existsSync(join(project.folder, path))) {
    project.write.push({ path, text: `${IGNORED.join("\n")}\n` });
    return;
  }
  project.keep.push(path);
  const lines = readFileSync(join(project.folder, path), "utf8").split(/\r?\n/);
  const ignored = new Set(lines.map((line) => line.trim().replace(/^\/|\/$/g, "")));
  const missing = IGNORED.filter((each) => !ignored.has(each.replace(/\/$/, "")));
  if (missing.length > 0) project.byHand.push({ path, what: `add ${missing.join(", ")}` });
}

function starterText(path: string): string {
  return readFileSync(join(STEPLAB_ROOT, "starter", path), "utf8");
}

function barePipeline(name: string): string {
  return `---
pipeline: ${name}
seed: 42
---

# ${name}

What this pipeline is for. Each stage has a section below: \`npx steplab new\` lists the kinds there are, and writes one.
`;
}

/** A folder's name as npm and a pipeline may be called: "Müller's Daten" becomes "muller-s-daten". */
function packageName(folder: string): string {
  const name = folder
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return name === "" || name === "steplab" ? "pipeline" : name;
}

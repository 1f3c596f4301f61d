/** The names of a project's stages and what belongs to them, quickly: for whoever offers names while somebody types. */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { STEPLAB_ROOT } from "../core/own-sources.ts";
import type { Shape } from "../core/shape.ts";
import { archiveOf } from "../lineage/archive.ts";
import type { Judged } from "./options.ts";

export interface ProjectNames {
  /** In the document's order. A shape is null until the project was judged for the first time. */
  stages: Record<
    string,
    { parameters: Record<string, Shape | null>; inputs: string[]; outputs: string[] }
  >;
  /** Of the front matter. */
  params: string[];
  profiles: string[];
  templates: string[];
}

/** Of the document as it stands, together with what was known of the contracts when it was last judged; runs no user code. */
export async function projectNames(
  projectRoot: string,
  document = "PIPELINE.md",
): Promise<ProjectNames> {
  const { readPipeline } = await import("../pipeline/document.ts");
  const text = readFileSync(join(projectRoot, document), "utf8");
  const { pipeline } = readPipeline(text, document);
  const contracts = lastContracts(projectRoot);
  const stages: ProjectNames["stages"] = {};
  for (const { name, inputs, params } of pipeline?.stages ?? []) {
    const contract = contracts[name];
    const parameters = Object.fromEntries(Object.keys(params).map((each) => [each, null]));
    stages[name] = {
      parameters: { ...parameters, ...contract?.parameters },
      inputs: [...new Set([...Object.keys(inputs), ...Object.keys(contract?.inputs ?? {})])],
      outputs: Object.keys(contract?.outputs ?? {}),
    };
  }
  return {
    stages,
    params: Object.keys(pipeline?.params ?? {}),
    profiles: await profilesIn(text),
    templates: [
      ...new Set(
        [join(projectRoot, "templates"), join(STEPLAB_ROOT, "templates")].flatMap(templatesIn),
      ),
    ].sort(),
  };
}

/** The newest verdict's; none before the first. */
function lastContracts(projectRoot: string): Judged["contracts"] {
  const folder = join(archiveOf(projectRoot).cache, "judged");
  try {
    const newest = readdirSync(folder)
      .map((name) => join(folder, name))
      .map((path) => ({ path, at: statSync(path).mtimeMs }))
      .reduce((a, b) => (b.at > a.at ? b : a));
    return (JSON.parse(readFileSync(newest.path, "utf8")) as Judged).contracts; // our own cache
  } catch {
    return {};
  }
}

/** A pipeline is read with one profile applied and knows no others. */
async function profilesIn(document: string): Promise<string[]> {
  const [, front = ""] = /^---\r?\n(.*?)\r?\n---/s.exec(document) ?? [];
  const { parse } = await import("yaml");
  const { profiles } = (parse(front) ?? {}) as { profiles?: Record<string, unknown> }; // readPipeline judges it
  return Object.keys(profiles ?? {});
}

function templatesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".ipynb"))
      .map((name) => basename(name, ".ipynb"));
  } catch {
    return [];
  }
}

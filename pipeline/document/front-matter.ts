/** The front matter of PIPELINE.md: the pipeline's name, its seed, and the values `$name` stands for. */
import type { Json } from "../../core/json.ts";
import { didYouMean } from "../../core/did-you-mean.ts";
import { FRONT_MATTER_KEYS } from "./keys.ts";
import type { Piece } from "./markdown.ts";
import { NAME } from "./wire.ts";
import { YamlFields, type DocumentReport } from "./yaml-source.ts";

export interface FrontMatter {
  name: string;
  seed: number;
  params: Record<string, Json>;
  /** Names of the profiles, in the document's order. */
  profiles: string[];
}

export interface FrontMatterOptions {
  /** `--profile`: its values override `params`. */
  profile?: string;
  /** `-p name=value`: overrides the profile. */
  params?: Record<string, Json>;
}

const KEYS = Object.keys(FRONT_MATTER_KEYS);
const DEFAULT_SEED = 0;

/** Undefined when there is none or it cannot be read; that is reported. */
export function readFrontMatter(
  report: DocumentReport,
  piece: Piece | null,
  unclosed: boolean,
  options: FrontMatterOptions,
): FrontMatter | undefined {
  if (piece === null) {
    report.error(
      "document/front-matter",
      report.place(0),
      unclosed
        ? "The front matter has no end: a second line `---` is missing."
        : "The document has no front matter.",
      unclosed ? undefined : "begin it with the lines `---`, `pipeline: <name>`, `---`.",
    );
    return undefined;
  }
  const fields = YamlFields.parse(report, piece, "The front matter");
  if (!fields) return undefined;
  fields.onlyKnown(KEYS);
  const seed = fields.wholeNumber("seed", 0) ?? DEFAULT_SEED;
  const profiles = fields.fields("profiles", "{ ci: { maxPrice: 200 } }");
  return {
    name: readName(report, fields),
    seed,
    params: readParams(report, fields, profiles, options),
    profiles: [...(profiles?.keys ?? [])],
  };
}

function readName(report: DocumentReport, fields: YamlFields): string {
  const name = fields.string("pipeline", "`nyc-rental-prices`");
  if (name === undefined && !fields.has("pipeline"))
    report.error(
      "document/missing-key",
      fields.place(),
      'The front matter has no "pipeline": the pipeline\'s name.',
      "add `pipeline: <name>`.",
    );
  if (name !== undefined && !NAME.test(name))
    fields.wrong("pipeline", "must be letters, digits, - and _, beginning with a letter");
  return name ?? "pipeline";
}

function readParams(
  report: DocumentReport,
  fields: YamlFields,
  profiles: YamlFields | undefined,
  options: FrontMatterOptions,
): Record<string, Json> {
  const params = readMap(fields.fields("params", "{ minPrice: 10 }"));
  const chosen = readProfile(report, fields, profiles, Object.keys(params), options.profile);
  const given = options.params ?? {};
  for (const name of Object.keys(given))
    if (!(name in params))
      report.error(
        "document/unknown-parameter",
        fields.place("params"),
        `The front matter has no parameter "${name}" to set.`,
        didYouMean(name, Object.keys(params)) ??
          `a stage's own parameter is written with its stage: -p <stage>.${name}=value.`,
      );
  return { ...params, ...chosen, ...given };
}

/** Checks every profile, so that a misspelt name shows before CI uses it; gives the chosen one's values. */
function readProfile(
  report: DocumentReport,
  fields: YamlFields,
  profiles: YamlFields | undefined,
  names: string[],
  chosen: string | undefined,
): Record<string, Json> {
  let values: Record<string, Json> = {};
  for (const profile of profiles?.keys ?? []) {
    const members = profiles?.fields(profile, "{ maxPrice: 200 }");
    for (const name of members?.keys ?? [])
      if (!names.includes(name))
        report.error(
          "document/unknown-parameter",
          members?.place(name) ?? fields.place("profiles"),
          `Profile "${profile}" sets "${name}", which is not among the front matter's params.`,
          didYouMean(name, names),
        );
    if (profile === chosen) values = readMap(members);
  }
  if (chosen !== undefined && !profiles?.has(chosen))
    report.error(
      "document/unknown-profile",
      fields.place("profiles"),
      `The front matter has no profile "${chosen}".`,
      didYouMean(chosen, profiles?.keys ?? []) ?? "add it under `profiles`.",
    );
  return values;
}

function readMap(fields: YamlFields | undefined): Record<string, Json> {
  const entries: [string, Json][] = [];
  for (const key of fields?.keys ?? []) {
    const value = fields?.json(key);
    if (value !== undefined) entries.push([key, value]);
  }
  return Object.fromEntries(entries); // defines members, so that "__proto__" is a name like any other
}

/** What both candidates are asked with: the listing's columns, and what can be made of them. */
import { chain, daysSince, oneHot, ordinal, targetMean, transformer, words, z } from "steplab";
import type { Table } from "steplab";
import { Borough } from "../schemas/listing.ts";

/** The corner of Broadway and 42nd Street: what people mean by Midtown. */
const MIDTOWN = { latitude: 40.7549, longitude: -73.984 };
/** A degree of longitude against one of latitude, at New York's latitude. */
const LONGITUDE_SCALE = Math.cos((MIDTOWN.latitude * Math.PI) / 180);
/** Manhattan's avenues run 29 degrees east of north (the Commissioners' Plan of 1811). */
const GRID = (29 * Math.PI) / 180;

/**
 * Numbers that follow from the listing alone. A tree cuts along axes: along the avenues and across them it finds
 * neighbourhoods with fewer cuts than along latitude and longitude.
 */
export const placeAndSize = transformer({
  name: "nyc-place-and-size",
  params: z.object({}),
  state: z.object({}),
  fit: (
    _rows: Table<{
      name: string | null;
      latitude: number;
      longitude: number;
      minimum_nights: number;
    }>,
  ) => ({}),
  apply: (_state, rows) => {
    const north = rows.array("latitude").map((latitude) => latitude - MIDTOWN.latitude);
    const east = rows
      .array("longitude")
      .map((longitude) => (longitude - MIDTOWN.longitude) * LONGITUDE_SCALE);
    const turned = (angle: number) =>
      north.map((n, row) => n * Math.cos(angle) + east[row]! * Math.sin(angle)); // as many as north
    return {
      uptown: turned(GRID),
      crosstown: turned(GRID + Math.PI / 2),
      diagonal: turned(Math.PI / 4),
      antidiagonal: turned(-Math.PI / 4),
      midtown_distance: north.map((n, row) => Math.hypot(n, east[row]!)),
      name_length: rows.array("name").map((name) => name?.length ?? 0),
      log_minimum_nights: rows.array("minimum_nights").map((nights) => Math.log(nights)),
    };
  },
});

/** Parameters of the preprocessing: part of a candidate, and kept with the model like all others. */
export const FeatureParams = z.object({
  words: z.int().positive().default(200).describe("words of the name that become columns"),
  smoothing: z
    .number()
    .nonnegative()
    .default(10)
    .describe("listings of the city's mean mixed into each neighbourhood's"),
  reference: z.iso
    .date()
    .default("2019-07-08")
    .describe("the day from which days since the last review are counted"),
});

/** The preprocessing chain; every step is fitted on training rows only, as part of the model. */
export function features(params: z.input<typeof FeatureParams> = {}) {
  const { words: top, smoothing, reference } = FeatureParams.parse(params);
  return chain(
    placeAndSize(),
    targetMean("neighbourhood", { folds: 5, smoothing }),
    ordinal("room_type", ["Shared room", "Private room", "Entire home/apt"]),
    oneHot("neighbourhood_group"),
    daysSince("last_review", { reference }),
    words("name", { top, normalize: false }),
  );
}

/** For charts: the column's name as people say it. */
export function featureLabel(column: string): string {
  const [of, what] = column.split(":");
  if (what === undefined) return column.replaceAll("_", " ");
  if (of === "name") return `"${what}" in the name`;
  if (of === "neighbourhood_group") return `in ${Borough.safeParse(what).data ?? what}`;
  return `${of}: ${what}`.replaceAll("_", " ");
}

/**
 * A made-up delivery of rental listings, for checkouts where the real sample is not at hand.
 *
 * Same 16 columns, about the same shares, gaps and awkward names as the 2019 New York listings: prices are
 * log-normal around what place, room type, size and season suggest, so that a model has something to learn
 * and something it never can. Everything follows from the seed. Plain Node, no packages: set-up runs it.
 *
 *     node notebooks/sample/generate.ts data/listings.csv
 */
import { writeFileSync } from "node:fs";
import { listingName } from "./names.ts";
import { NEIGHBOURHOODS } from "./neighbourhoods.ts";
import { chance, normal, pick, pickWeighted, seeded } from "./random.ts";
import type { Random } from "./random.ts";

/** The columns of a delivery, exactly and in this order. */
export const COLUMNS = [
  "id",
  "name",
  "host_id",
  "host_name",
  "neighbourhood_group",
  "neighbourhood",
  "latitude",
  "longitude",
  "room_type",
  "price",
  "minimum_nights",
  "number_of_reviews",
  "last_review",
  "reviews_per_month",
  "calculated_host_listings_count",
  "availability_365",
] as const;

export type ListingText = Record<(typeof COLUMNS)[number], string>;

/** Shares of room types, and what each costs against a whole flat (logarithm). Outside Manhattan rooms are the rule. */
const ROOM_TYPES = [
  { name: "Entire home/apt", manhattan: 0.61, elsewhere: 0.45, discount: 0 },
  { name: "Private room", manhattan: 0.37, elsewhere: 0.52, discount: -0.75 },
  { name: "Shared room", manhattan: 0.02, elsewhere: 0.03, discount: -1.1 },
];

const MINIMUM_NIGHTS = [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 5, 5, 7, 7, 14, 30, 30, 30];
const LAST_DAY = Date.UTC(2019, 6, 8);
const DAY_MS = 86_400_000;

/**
 * The delivery as CSV text: `rows` lines besides the header (names may hold line breaks), LF at the end.
 * The same `rows` and `seed` give the same text, byte for byte.
 */
export function generateListings({
  rows = 20_000,
  seed = 42,
}: { rows?: number; seed?: number } = {}): string {
  const random = seeded(seed);
  const lines = [COLUMNS.join(",")];
  let id = 2_500;
  for (let row = 0; row < rows; row++) {
    id += 1 + Math.floor(random() * 3_600);
    const listing = makeListing(String(id), random);
    lines.push(COLUMNS.map((column) => csvField(listing[column])).join(","));
  }
  return `${lines.join("\n")}\n`;
}

const WEIGHTS = NEIGHBOURHOODS.map((place) => place.weight);

function makeListing(id: string, random: Random): ListingText {
  const place = NEIGHBOURHOODS[pickWeighted(WEIGHTS, random)]!; // one weight a neighbourhood
  const shares = ROOM_TYPES.map((type) =>
    place.borough === "Manhattan" ? type.manhattan : type.elsewhere,
  );
  const room = ROOM_TYPES[pickWeighted(shares, random)]!; // one share a room type
  const bedrooms = room.discount === 0 ? pickWeighted([40, 34, 17, 9], random) : 0;
  const luxury = chance(0.08, random);
  const east = normal(random);
  const nights = pick(MINIMUM_NIGHTS, random) + (chance(0.01, random) ? 60 : 0);
  const listings = chance(0.03, random)
    ? 5 + Math.floor(random() * 300)
    : 1 + Math.floor(random() ** 3 * 4);
  const logPrice =
    Math.log(place.level) +
    room.discount +
    0.2 * (bedrooms - 1) * (room.discount === 0 ? 1 : 0) +
    (luxury ? 0.3 : 0) -
    0.05 * Math.log(nights) -
    0.02 * east + // dearer towards the river, within a neighbourhood
    (listings > 20 ? 0.12 : 0) +
    normal(random) * (chance(0.06, random) ? 0.9 : 0.3); // a few ask whatever they like
  const reviews = makeReviews(random);
  return {
    id,
    name: chance(0.0004, random)
      ? ""
      : listingName({ place: place.name, room: room.name, bedrooms, luxury }, random),
    host_id: String(2_000 + Math.floor(random() ** 2 * 270_000_000)),
    host_name: chance(0.0004, random) ? "" : "host",
    neighbourhood_group: place.borough,
    neighbourhood: place.name,
    latitude: (place.latitude + normal(random) * place.spread).toFixed(5),
    longitude: (place.longitude + east * place.spread).toFixed(5),
    room_type: room.name,
    price: chance(0.0003, random)
      ? "0"
      : String(Math.min(10_000, Math.max(10, Math.round(Math.exp(logPrice))))),
    minimum_nights: String(nights),
    ...reviews,
    calculated_host_listings_count: String(listings),
    availability_365: chance(0.36, random) ? "0" : String(1 + Math.floor(random() * 365)),
  };
}

/** One listing in five has never been reviewed: no date, no rate. */
function makeReviews(
  random: Random,
): Pick<ListingText, "number_of_reviews" | "last_review" | "reviews_per_month"> {
  if (chance(0.206, random))
    return { number_of_reviews: "0", last_review: "", reviews_per_month: "" };
  const reviews = Math.max(1, Math.round(Math.exp(1.9 + 1.5 * normal(random))));
  const daysAgo = Math.floor(random() ** 3 * 1_800);
  const day = new Date(LAST_DAY - daysAgo * DAY_MS).toISOString().slice(0, 10);
  const months = 1 + daysAgo / 30 + random() * 36;
  return {
    number_of_reviews: String(Math.min(600, reviews)),
    last_review: day,
    reviews_per_month: String(
      Math.max(0.01, Math.round((Math.min(600, reviews) / months) * 100) / 100),
    ),
  };
}

/** RFC 4180: quoted only where it must be. */
function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

if (import.meta.main) {
  const path = process.argv[2];
  if (path === undefined) {
    process.stderr.write("Usage: node notebooks/sample/generate.ts <file.csv>\n");
    process.exitCode = 2;
  } else {
    writeFileSync(path, generateListings());
  }
}

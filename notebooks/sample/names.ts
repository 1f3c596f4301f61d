/** Names of listings as people write them: words that say something about the price, and every awkward character. */
import { chance, pick } from "./random.ts";
import type { Random } from "./random.ts";

const PLAIN = ["Cozy", "Sunny", "Spacious", "Charming", "Quiet", "Clean", "Bright", "Lovely"];
const LUXURY = ["Luxury", "Stunning", "Designer", "Penthouse with view,", "Modern doorman"];
const NEAR = ["near subway", "close to the park", "15 min to Midtown", "heart of the city"];

/** What breaks naive CSV readers: quotes, commas, line breaks, emoji, CJK. About one name in six holds one. */
const AWKWARD: ((name: string) => string)[] = [
  (name) => `"${name}"`,
  (name) => `${name}, NYC`,
  (name) => `${name}, all yours, long stays`,
  (name) => `♥ ${name} 🗽`,
  (name) => `★${name}★`,
  (name) => `${name} 曼哈顿`,
  (name) => `${name} ニューヨーク`,
  (name) => `纽约 ${name}`,
  (name) => `${name}\nno fees`,
  (name) => `${name} - "the nest", top floor`,
  (name) => ` ${name} `,
];

export interface Named {
  place: string;
  room: string;
  /** Whole flats only: 0 is a studio. */
  bedrooms: number;
  luxury: boolean;
}

export function listingName({ place, room, bedrooms, luxury }: Named, random: Random): string {
  const words = [
    pick(luxury ? LUXURY : PLAIN, random),
    homeOf(room, bedrooms, random),
    chance(0.7, random) ? `in ${place}` : pick(NEAR, random),
  ];
  const name = chance(0.1, random) ? words.slice(0, 2).join(" ").toUpperCase() : words.join(" ");
  return chance(0.16, random) ? pick(AWKWARD, random)(name) : name;
}

function homeOf(room: string, bedrooms: number, random: Random): string {
  if (room === "Private room") return pick(["Private Room", "Room", "Bedroom"], random);
  if (room === "Shared room") return pick(["Shared Room", "Bed in shared room"], random);
  if (bedrooms === 0) return "Studio";
  const home = pick(["Apartment", "Apt", "Loft", "Duplex", "Home"], random);
  return chance(0.5, random) ? `${bedrooms}BR ${home}` : `${bedrooms} Bedroom ${home}`;
}

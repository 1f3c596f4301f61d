/**
 * The map behind the generated sample: neighbourhoods of New York with their middle, how far their
 * listings scatter, how many there are, and how dear they are. Rounded by hand from public maps and
 * from the shares and median prices of the 2019 listings, so that a model finds about what it finds there.
 */
export interface Neighbourhood {
  borough: string;
  name: string;
  latitude: number;
  longitude: number;
  /** Standard deviation of the listings' places, degrees. */
  spread: number;
  /** Relative number of listings. */
  weight: number;
  /** Typical price of a whole flat for a night, USD. */
  level: number;
}

type Line = [
  name: string,
  latitude: number,
  longitude: number,
  spread: number,
  weight: number,
  level: number,
];

const MANHATTAN: Line[] = [
  ["Harlem", 40.816, -73.948, 0.009, 1116, 152],
  ["Upper West Side", 40.788, -73.974, 0.009, 798, 204],
  ["Hell's Kitchen", 40.762, -73.991, 0.004, 771, 230],
  ["East Village", 40.727, -73.984, 0.004, 756, 200],
  ["Upper East Side", 40.773, -73.955, 0.008, 706, 187],
  ["Midtown", 40.755, -73.976, 0.007, 643, 283],
  ["East Harlem", 40.796, -73.943, 0.006, 463, 162],
  ["Chelsea", 40.745, -73.998, 0.004, 462, 240],
  ["Lower East Side", 40.718, -73.988, 0.004, 368, 192],
  ["Washington Heights", 40.845, -73.938, 0.008, 365, 122],
  ["West Village", 40.734, -74.004, 0.003, 334, 246],
  ["Financial District", 40.707, -74.009, 0.004, 296, 223],
  ["Murray Hill", 40.747, -73.976, 0.003, 184, 223],
  ["Kips Bay", 40.742, -73.979, 0.003, 177, 201],
  ["Chinatown", 40.716, -73.994, 0.003, 158, 193],
  ["SoHo", 40.724, -74.002, 0.003, 147, 264],
  ["Greenwich Village", 40.731, -73.998, 0.003, 139, 250],
  ["Morningside Heights", 40.809, -73.962, 0.004, 137, 148],
  ["Theater District", 40.76, -73.985, 0.003, 127, 268],
  ["Gramercy", 40.736, -73.984, 0.003, 126, 235],
  ["Inwood", 40.865, -73.925, 0.005, 97, 123],
  ["Tribeca", 40.717, -74.008, 0.003, 74, 320],
];

const BROOKLYN: Line[] = [
  ["Williamsburg", 40.713, -73.952, 0.008, 1580, 172],
  ["Bedford-Stuyvesant", 40.687, -73.94, 0.009, 1503, 130],
  ["Bushwick", 40.697, -73.92, 0.008, 987, 124],
  ["Crown Heights", 40.673, -73.947, 0.009, 648, 133],
  ["Greenpoint", 40.728, -73.951, 0.005, 471, 161],
  ["Flatbush", 40.645, -73.96, 0.008, 271, 116],
  ["Clinton Hill", 40.688, -73.964, 0.004, 244, 170],
  ["Prospect-Lefferts Gardens", 40.659, -73.955, 0.005, 232, 126],
  ["East Flatbush", 40.649, -73.94, 0.008, 228, 123],
  ["Park Slope", 40.674, -73.979, 0.006, 206, 185],
  ["Fort Greene", 40.69, -73.974, 0.004, 195, 162],
  ["Sunset Park", 40.652, -74.003, 0.008, 173, 124],
  ["Prospect Heights", 40.678, -73.969, 0.003, 133, 174],
  ["Carroll Gardens", 40.681, -73.996, 0.003, 106, 179],
  ["Gowanus", 40.676, -73.989, 0.004, 95, 178],
  ["East New York", 40.669, -73.884, 0.009, 84, 108],
  ["Brooklyn Heights", 40.695, -73.994, 0.003, 61, 205],
];

const QUEENS: Line[] = [
  ["Astoria", 40.765, -73.92, 0.007, 378, 136],
  ["Long Island City", 40.752, -73.938, 0.006, 221, 155],
  ["Flushing", 40.753, -73.818, 0.012, 170, 127],
  ["Ridgewood", 40.704, -73.906, 0.006, 166, 113],
  ["Sunnyside", 40.742, -73.921, 0.004, 142, 127],
  ["Ditmars Steinway", 40.775, -73.91, 0.005, 133, 135],
  ["Jamaica", 40.684, -73.788, 0.012, 97, 121],
  ["Woodside", 40.746, -73.903, 0.005, 96, 122],
  ["Elmhurst", 40.74, -73.879, 0.006, 92, 114],
  ["Forest Hills", 40.722, -73.846, 0.006, 70, 130],
  ["Rockaway Beach", 40.587, -73.816, 0.006, 40, 150],
];

const BRONX: Line[] = [
  ["Kingsbridge", 40.878, -73.904, 0.006, 70, 96],
  ["Fordham", 40.862, -73.894, 0.005, 60, 92],
  ["Mott Haven", 40.81, -73.922, 0.005, 60, 108],
  ["Concourse", 40.829, -73.925, 0.005, 55, 95],
  ["Wakefield", 40.893, -73.853, 0.006, 50, 94],
  ["City Island", 40.848, -73.786, 0.003, 20, 118],
];

const STATEN_ISLAND: Line[] = [
  ["St. George", 40.643, -74.079, 0.005, 48, 105],
  ["Tompkinsville", 40.634, -74.084, 0.005, 42, 98],
  ["Stapleton", 40.625, -74.078, 0.005, 27, 95],
  ["Arrochar", 40.596, -74.074, 0.004, 21, 110],
  ["Great Kills", 40.552, -74.15, 0.006, 12, 100],
];

const BOROUGHS: [string, Line[]][] = [
  ["Manhattan", MANHATTAN],
  ["Brooklyn", BROOKLYN],
  ["Queens", QUEENS],
  ["Bronx", BRONX],
  ["Staten Island", STATEN_ISLAND],
];

export const NEIGHBOURHOODS: Neighbourhood[] = BOROUGHS.flatMap(([borough, lines]) =>
  lines.map(([name, latitude, longitude, spread, weight, level]) => ({
    borough,
    name,
    latitude,
    longitude,
    spread,
    weight,
    level,
  })),
);

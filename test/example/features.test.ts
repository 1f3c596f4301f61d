/** What the models are asked with, made of a listing. */
import { describe, expect, test } from "vitest";
import { modelOf } from "../../notebooks/models/candidates.ts";
import { FeatureParams, featureLabel, features } from "../../notebooks/models/features.ts";
import { gbdt } from "../../notebooks/models/gbdt.ts";
import { featureNames } from "../../notebooks/schemas/listing.ts";
import { table } from "../../stage/index.ts";
import { cleanDelivery } from "./listings.ts";

describe("features", () => {
  const listing = {
    name: "Loft by the park",
    neighbourhood_group: "Manhattan",
    neighbourhood: "Harlem",
    latitude: 40.8,
    longitude: -73.95,
    room_type: "Private room" as const,
    minimum_nights: 7,
    last_review: new Date("2019-07-01") as Date | null,
    price: 100,
  };

  test("of a listing are the same alone, in another delivery, and next year", async () => {
    const rows = [listing, { ...listing, name: "Room", neighbourhood: "Chelsea", price: 60 }];
    const fitted = await features().fit(table(rows), { target: "price" });
    const [first] = (await fitted.apply(rows)).objects();
    const later = { ...listing, last_review: new Date("2026-07-01"), name: "Another" };
    expect((await fitted.apply([later, listing])).objects()[1]).toEqual(first);
    expect(first).toMatchObject({ "last_review:days": 7, "room_type:rank": 1, name_length: 16 });
  });

  test("measure the way along the avenues, across them, and to Midtown", async () => {
    const fitted = await features().fit(table([listing]), { target: "price" });
    // A degree of latitude north along the avenues' 29 degrees: uptown cos 29°, crosstown cos 119°.
    const north = { ...listing, latitude: 40.7549 + 1, longitude: -73.984 };
    const [row] = (await fitted.apply([north])).objects();
    expect(row?.uptown).toBeCloseTo(Math.cos((29 * Math.PI) / 180), 12);
    expect(row?.crosstown).toBeCloseTo(-Math.sin((29 * Math.PI) / 180), 12);
    expect(row?.midtown_distance).toBeCloseTo(1, 12);
  });

  test("have names that people say", () => {
    expect(
      ["midtown_distance", "name:loft", "neighbourhood_group:Bronx", "room_type:rank"].map(
        featureLabel,
      ),
    ).toEqual(["midtown distance", '"loft" in the name', "in Bronx", "room type: rank"]);
  });
});

describe("what is learned for them", () => {
  const listings = table(cleanDelivery(400));
  const part = (isTest: boolean) =>
    listings.filter((d) => (d.split === "test") === isTest).select(...featureNames, "price");
  const [known, held] = [part(false), part(true)];

  test("comes from the rows of the fit alone: words, means, boroughs", async () => {
    const fitted = await features().fit(known, { target: "price" });
    const unheard = { ...held.objects()[0]!, name: "Unheard of", neighbourhood: "Atlantis" }; // held has rows
    const [row] = (await fitted.apply([unheard])).objects();
    const mean = known.array("price").reduce((sum, price) => sum + price, 0) / known.numRows();
    expect(row).toMatchObject({ "neighbourhood:mean": expect.closeTo(mean, 9), "name:loft": 0 });
    expect(row).not.toHaveProperty("name:unheard");
  });

  test("does not hang on the prices of the rows that are asked about", async () => {
    const fitted = await features().fit(known, { target: "price" });
    const dearer = held.derive({ price: (d) => 100 * d.price });
    const asked = async (rows: typeof held) => (await fitted.apply(rows)).drop("price").objects();
    expect(await asked(dearer)).toEqual(await asked(held));
  });

  test("is numbers for the models, none of them the price or an identity", async () => {
    const fitted = await modelOf({
      model: "trees",
      features: FeatureParams.parse({}),
      params: gbdt.params.parse({ trees: 2 }),
    }).fit(known, { target: "price" });
    const { columns } = fitted.stateOf(gbdt);
    expect(columns).toContain("neighbourhood:mean");
    expect(columns.filter((name) => /(^|_)id$|price|host_name|split/.test(name))).toEqual([]);
  });
});

import { expect, test } from "vitest";
import { didYouMean, nearestName } from "../../core/did-you-mean.ts";

test("the name that was probably meant is found, and none where nothing is near", () => {
  const names = ["minPrice", "maxPrice", "minRows"];
  expect(nearestName("minprice", names)).toBe("minPrice");
  expect(nearestName("mniPrice", names)).toBe("minPrice"); // two letters swapped are one mistake
  expect(nearestName("maxPrise", names)).toBe("maxPrice");
  expect(nearestName("seed", names)).toBeUndefined();
  expect(nearestName("x", ["y"])).toBe("y");
  expect(nearestName("", names)).toBeUndefined();
});

test("a hint names the near one, else what there is, at most twelve", () => {
  expect(didYouMean("colect", ["collect", "process"])).toBe('did you mean "collect"?');
  expect(didYouMean("zzz", ["collect"])).toBe('there is "collect".');
  expect(didYouMean("zzz", ["collect", "process"])).toBe('there are "collect", "process".');
  expect(didYouMean("zzz", [])).toBeUndefined();
  const many = Array.from({ length: 20 }, (_, i) => `stage-${i}`);
  expect(didYouMean("zzz", many)).toMatch(/"stage-11", …\.$/);
});

import { expect, test } from "vitest";
import {
  hasCredentials,
  textWithoutCredentials,
  withoutCredentials,
} from "../../core/credentials.ts";

test.each([
  ["https://me:hunter2@host/a.csv", "https://host/a.csv"],
  ["https://token@host/a.csv", "https://host/a.csv"],
  ["https://host/a.csv?year=2019&format=csv", "https://host/a.csv?year=2019&format=csv"],
  ["https://host/a?api_key=abc&year=2019", "https://host/a?api_key=…&year=2019"],
  ["https://host/a?X-Amz-Signature=00ff#part", "https://host/a?X-Amz-Signature=…#part"],
  ["https://host/a?v=0123456789abcdef0123456789abcdef", "https://host/a?v=…"],
  ["https://host/a@b.csv", "https://host/a@b.csv"],
])("%s is written down as %s", (address, clean) => {
  expect(withoutCredentials(address)).toBe(clean);
});

test("a text keeps everything but the credentials of its addresses", () => {
  expect(
    textWithoutCredentials(
      `inputs: { raw: "https://u:p@host/a.csv?token=t1", other: https://host/b?sig=x }\nmail me@example.com: a?token=1`,
    ),
  ).toBe(
    `inputs: { raw: "https://host/a.csv?token=…", other: https://host/b?sig=… }\nmail me@example.com: a?token=1`,
  );
});

test("a password and a token in an address are seen in any text, a long choice is none", () => {
  expect(hasCredentials("see https://me:hunter2@host/x")).toBe(true);
  expect(hasCredentials("see https://host/x?a=1&token=t")).toBe(true);
  expect(hasCredentials(`see https://host/x?a=${"long".repeat(20)} and me@example.com`)).toBe(
    false,
  );
});

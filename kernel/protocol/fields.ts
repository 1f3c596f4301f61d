/**
 * Members of requests, read defensively in this one place: a message is signed, but its sender may be
 * any front end. What is missing or of another type counts as the protocol's default.
 */
import type { Content } from "../../core/wire/message.ts";

export function textIn(content: Content, name: string, otherwise = ""): string {
  const value = content[name];
  return typeof value === "string" ? value : otherwise;
}

export function numberIn(content: Content, name: string, otherwise: number): number {
  const value = content[name];
  return typeof value === "number" ? value : otherwise;
}

/** The members that are texts themselves: `user_expressions`. */
export function textsIn(content: Content, name: string): Record<string, string> {
  const value = content[name];
  if (value === null || typeof value !== "object") return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}

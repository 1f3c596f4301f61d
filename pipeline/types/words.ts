/**
 * The compiler's words, cut to what a person reads.
 *
 * A table's row type has a dozen columns, and a message about two tables says each of them two or three times: a
 * screen full in which one name matters. The first sentence says what was tried, the last what is wrong, those
 * between which member it is about or the same again; of an object type its first members are enough to recognise it.
 */

/** Longer object types are cut. */
const WHOLE_TYPE = 60;
const SHOWN_MEMBERS = 3;

/** A diagnostic's message, its chain one line each. */
export function readableWords(message: string): string {
  const lines = message.split("\n").map((line) => shortTypes(line));
  const isSaidAgain = (line: string, at: number): boolean =>
    at > 0 && at < lines.length - 1 && line.startsWith("Type '");
  return lines.filter((line, at) => !isSaidAgain(line, at)).join("\n");
}

/** `{ id: number; name: string; … }` as `{ id, name, host_id, … }`, where it is long. */
export function shortTypes(line: string): string {
  let words = "";
  for (let at = 0; at < line.length;) {
    const end = line[at] === "{" ? endOfType(line, at) : undefined;
    if (end === undefined) {
      words += line[at];
      at++;
      continue;
    }
    const type = line.slice(at, end);
    words += type.length > WHOLE_TYPE ? shortType(type) : type;
    at = end;
  }
  return words;
}

/** After the brace that closes the one at `from`; undefined where the compiler itself has cut it. */
function endOfType(line: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < line.length; at++) {
    if (line[at] === "{") depth++;
    if (line[at] === "}" && --depth === 0) return at + 1;
  }
  return undefined;
}

function shortType(type: string): string {
  const names: string[] = [];
  let depth = 0;
  let member = "";
  for (const character of type.slice(1, -1)) {
    if ("{(<[".includes(character)) depth++;
    if ("})>]".includes(character)) depth--;
    if (character !== ";" || depth > 0) {
      member += character;
      continue;
    }
    const name = /^\s*(?:readonly )?("[^"]*"|[\w$]+)\??:/.exec(member)?.[1];
    if (name !== undefined) names.push(name);
    member = "";
  }
  return `{ ${[...names.slice(0, SHOWN_MEMBERS), "…"].join(", ")} }`;
}

/**
 * Whether a JSON value has the structure of an nbformat 4 notebook.
 *
 * By hand rather than with a schema: ajv's message for a bad cell id is "must NOT have additional properties"
 * (its oneOf picks another branch), compiling the schema costs 35 to 79 ms, and this runs before every run.
 * Tests hold it against the official schemas.
 */
import { isJsonObject } from "../json.ts";

export interface StructureFault {
  /** The member at fault as JavaScript would reach it: `cells[3].source`; empty for the whole file. */
  member: string;
  /** Goes on after the member: "must be a list". */
  message: string;
  /** Number of the cell from 1. */
  cell?: number;
}

/** The JSON as it lies on disk, once `findStructureFaults` found nothing. */
export interface RawNotebook {
  nbformat: 4;
  nbformat_minor: number;
  metadata: Record<string, unknown>;
  cells: RawCell[];
}

export interface RawCell {
  id?: string;
  cell_type: "code" | "markdown" | "raw";
  source: string | string[];
  metadata: Record<string, unknown>;
  outputs?: Record<string, unknown>[];
  execution_count?: number | null;
  attachments?: Record<string, Record<string, unknown>>;
}

type Members = Record<string, unknown>;

const CELL_MEMBERS: Record<RawCell["cell_type"], readonly string[]> = {
  code: ["id", "cell_type", "metadata", "source", "outputs", "execution_count"],
  markdown: ["id", "cell_type", "metadata", "source", "attachments"],
  raw: ["id", "cell_type", "metadata", "source", "attachments"],
};

/** Every fault, in the notebook's order; empty for a notebook of nbformat 4.0 to 4.5. */
export function findStructureFaults(value: unknown): StructureFault[] {
  const faults: StructureFault[] = [];
  const fault = (member: string, message: string): void => {
    faults.push({ member, message });
  };
  if (!isJsonObject(value)) return [{ member: "", message: "must hold a JSON object." }];
  if (value["nbformat"] !== 4) fault("nbformat", "must be 4.");
  const minor = value["nbformat_minor"];
  if (!isCount(minor)) fault("nbformat_minor", "must be a whole number from 0.");
  if (!isJsonObject(value["metadata"])) fault("metadata", "must be an object.");
  unknownMembers(value, ["nbformat", "nbformat_minor", "metadata", "cells"], "", fault);
  if (!Array.isArray(value["cells"])) {
    fault("cells", "must be a list.");
    return faults;
  }
  const ids = new Map<string, number>();
  value["cells"].forEach((cell: unknown, index) => {
    const before = faults.length;
    cellFaults(cell, `cells[${index}]`, fault);
    if (isJsonObject(cell) && typeof cell["id"] === "string") {
      const first = ids.get(cell["id"]);
      if (first !== undefined)
        fault(
          `cells[${index}].id`,
          `is "${cell["id"]}", which is the id of cells[${first}] already.`,
        );
      else ids.set(cell["id"], index);
    }
    for (const added of faults.slice(before)) added.cell = index + 1;
  });
  return faults;
}

type Report = (member: string, message: string) => void;

function cellFaults(cell: unknown, at: string, fault: Report): void {
  if (!isJsonObject(cell)) return fault(at, "must be an object.");
  const type = cell["cell_type"];
  if (type !== "code" && type !== "markdown" && type !== "raw")
    return fault(`${at}.cell_type`, 'must be "code", "markdown" or "raw".');
  // A missing id is mended in reading, with a warning: many tools forget it.
  if (cell["id"] !== undefined && !isCellId(cell["id"]))
    fault(`${at}.id`, "must be 1 to 64 letters, digits, - or _.");
  if (!isMultiline(cell["source"])) fault(`${at}.source`, "must be a string or a list of strings.");
  if (!isJsonObject(cell["metadata"])) fault(`${at}.metadata`, "must be an object.");
  else metadataFaults(cell["metadata"], `${at}.metadata`, fault);
  unknownMembers(cell, CELL_MEMBERS[type], `${at}.`, fault);
  if (type === "code") codeFaults(cell, at, fault);
  else if (cell["attachments"] !== undefined) attachmentFaults(cell["attachments"], at, fault);
}

function metadataFaults(metadata: Members, at: string, fault: Report): void {
  const tags = metadata["tags"];
  if (tags === undefined) return;
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === "string" && !tag.includes(",")))
    fault(`${at}.tags`, "must be a list of strings without commas.");
}

function codeFaults(cell: Members, at: string, fault: Report): void {
  const count = cell["execution_count"];
  if (count !== null && !isCount(count))
    fault(`${at}.execution_count`, "must be null or a whole number from 0.");
  if (!Array.isArray(cell["outputs"])) return fault(`${at}.outputs`, "must be a list.");
  cell["outputs"].forEach((output: unknown, index) =>
    outputFaults(output, `${at}.outputs[${index}]`, fault),
  );
}

function outputFaults(output: unknown, at: string, fault: Report): void {
  if (!isJsonObject(output)) return fault(at, "must be an object.");
  switch (output["output_type"]) {
    case "stream":
      if (typeof output["name"] !== "string") fault(`${at}.name`, "must be a string.");
      if (!isMultiline(output["text"]))
        fault(`${at}.text`, "must be a string or a list of strings.");
      return unknownMembers(output, ["output_type", "name", "text"], `${at}.`, fault);
    case "execute_result": {
      const count = output["execution_count"];
      if (count !== null && !isCount(count))
        fault(`${at}.execution_count`, "must be null or a whole number from 0.");
      bundleFaults(output, at, fault);
      return unknownMembers(
        output,
        ["output_type", "data", "metadata", "execution_count"],
        `${at}.`,
        fault,
      );
    }
    case "display_data":
      bundleFaults(output, at, fault);
      return unknownMembers(output, ["output_type", "data", "metadata"], `${at}.`, fault);
    case "error":
      for (const member of ["ename", "evalue"])
        if (typeof output[member] !== "string") fault(`${at}.${member}`, "must be a string.");
      if (!isStrings(output["traceback"])) fault(`${at}.traceback`, "must be a list of strings.");
      return unknownMembers(
        output,
        ["output_type", "ename", "evalue", "traceback"],
        `${at}.`,
        fault,
      );
    default:
      return fault(
        `${at}.output_type`,
        'must be "stream", "execute_result", "display_data" or "error".',
      );
  }
}

function bundleFaults(output: Members, at: string, fault: Report): void {
  if (!isJsonObject(output["metadata"])) fault(`${at}.metadata`, "must be an object.");
  if (!isJsonObject(output["data"])) return fault(`${at}.data`, "must be an object.");
  for (const [type, value] of Object.entries(output["data"]))
    if (!/\+json$|^application\/json$/.test(type) && !isMultiline(value))
      fault(`${at}.data["${type}"]`, "must be a string or a list of strings.");
}

function attachmentFaults(attachments: unknown, at: string, fault: Report): void {
  if (!isJsonObject(attachments)) return fault(`${at}.attachments`, "must be an object.");
  for (const [name, bundle] of Object.entries(attachments))
    if (!isJsonObject(bundle)) fault(`${at}.attachments["${name}"]`, "must be an object.");
}

function unknownMembers(
  value: Members,
  known: readonly string[],
  prefix: string,
  fault: Report,
): void {
  for (const name of Object.keys(value))
    if (!known.includes(name)) fault(`${prefix}${name}`, "is no member that nbformat 4 knows.");
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

function isCellId(value: unknown): boolean {
  return typeof value === "string" && /^[a-zA-Z0-9\-_]{1,64}$/.test(value);
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isMultiline(value: unknown): value is string | string[] {
  return typeof value === "string" || isStrings(value);
}

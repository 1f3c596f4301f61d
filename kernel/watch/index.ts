/**
 * What a stage reads past its inputs: files, variables of the environment and addresses, seen where Node itself hands
 * them out. In runs only: whoever explores may read what they like.
 *
 * Nothing is forbidden and nothing behaves otherwise. Not seen: what native code (a query of DuckDB's over a path written
 * into it), child processes and worker threads read by themselves.
 */
import { registerHooks, syncBuiltinESMExports } from "node:module";
import { relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ReadFact, ReadPlace } from "../../core/fact.ts";
import type { Bindings } from "../../core/host.ts";
import { withoutEpoch } from "../evaluate/modules.ts";
import { SCRIPT_PATTERN, type CellSources } from "../evaluate/sources.ts";
import type { Frame } from "./caller.ts";
import { watchEnvironment } from "./environment.ts";
import { FileWatch } from "./files.ts";
import { NETWORK_MODULES, NetworkWatch } from "./network.ts";
import { ReadNotes, type Note } from "./notes.ts";

export class ReadWatch {
  readonly #sources: CellSources;
  /** Node's modules of the network that were loaded before the watch began. */
  readonly #loaded = new Set<string>();
  #begun: { notes: ReadNotes; network: NetworkWatch; bindings: Bindings } | null = null;

  /** From here on it is known what is loaded; nothing is watched yet. */
  constructor(sources: CellSources) {
    this.#sources = sources;
    registerHooks({
      load: (url, context, next) => {
        if (NETWORK_MODULES.has(url)) this.#seen(url);
        return next(url, context);
      },
    });
  }

  #seen(module: string): void {
    if (this.#loaded.has(module)) return;
    this.#loaded.add(module);
    this.#begun?.network.installModule(module);
    syncBuiltinESMExports();
  }

  begin(bindings: Bindings): void {
    const notes = new ReadNotes(pathToFileURL(`${bindings.projectRoot}${sep}`).href);
    const network = new NetworkWatch(notes);
    this.#begun = { notes, network, bindings };
    const inputs = Object.values(bindings.inputs).map(({ path }) => path);
    const { projectRoot, staging, scratch } = bindings;
    new FileWatch(notes, { projectRoot, given: [...inputs, staging, scratch] }).install();
    watchEnvironment(notes);
    network.installFetch();
    for (const module of this.#loaded) network.installModule(module);
    syncBuiltinESMExports(); // for `import { readFileSync } from "node:fs"`
  }

  /** What is new since it was asked last; none where nothing is watched. */
  take(): ReadFact[] {
    return this.#begun?.notes.take().map((note) => this.#factOf(note)) ?? [];
  }

  #factOf(note: Note): ReadFact {
    const { kind, name, how, count, replaces } = note;
    const places = note.frames.flatMap((frame) => this.#placeOf(frame) ?? []);
    // One line of a cell may be several of the JavaScript that runs.
    const byLine = new Map(
      places.map((place) => [`${place.at.file} ${place.at.cell?.id} ${place.at.line}`, place]),
    );
    return {
      fact: "read",
      kind,
      name,
      ...(note.outside && { outside: true }),
      how,
      ...(note.package !== null && { package: note.package }),
      places: [...byLine.values()],
      count,
      ...(replaces.length > 0 && { replaces }),
    };
  }

  #placeOf({ script, line, column }: Frame): ReadPlace | null {
    const { projectRoot, notebook } = this.#begun?.bindings ?? { projectRoot: "", notebook: "" };
    const inProject = (path: string): string => relative(projectRoot, path).split(sep).join("/");
    const cell = SCRIPT_PATTERN.exec(`${script}:${line}:${column}`)?.[1];
    if (cell === undefined) {
      const place = this.#sources.placeInModule(script, { line, column });
      const source = this.#sources.lineInModule(script, place.line);
      const file = inProject(fileURLToPath(withoutEpoch(script)));
      return { at: { file, ...place }, ...(source !== undefined && { source }) };
    }
    const place = this.#sources.placeOf(Number(cell), line, column);
    const known = this.#sources.cellOf(Number(cell));
    if (place === null || known === null) return null;
    const source = this.#sources.lineOf(Number(cell), place.line);
    const at = { file: inProject(notebook), cell: known, ...place };
    return { at, ...(source !== undefined && { source }) };
  }
}

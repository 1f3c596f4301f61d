/**
 * Wires as assignments: one virtual module in which every input is given what its producer writes, so that the
 * compiler judges contracts across stages (tuples, unions and branded types that the column model does not know).
 */
import type { Pipeline, Stage } from "../pipeline.ts";
import { readDeclaration } from "../notebooks/syntax.ts";
import type { SourceNotebook } from "../notebooks/source-notebook.ts";

export interface TypedWire {
  consumer: Stage;
  input: string;
  producer: Stage;
  output: string;
}

export interface WiresModule {
  source: string;
  wires: TypedWire[];
  /** Line of the module, from 1, to the wire it judges. */
  byLine: Map<number, TypedWire>;
}

/**
 * By structure, not by the names of steplab's types: what a table's rows are shows in `rows()`, a value in `read()`;
 * what may be written shows in `write`, which takes inputs that are passed on too: their handles are no values and left
 * out. Anything unlike that is `never` or `unknown`: no finding. So are models: what is loaded has members that what was
 * written has not, and their signatures are columns, which the column model judges.
 */
const HEADER = `type Read<I> = I extends { rows(): AsyncIterable<infer R> } ? R : I extends { read(): Promise<infer V> } ? V : unknown;
type RowsOf<W> = W extends Iterable<infer R> ? R : never;
type Written<O, I> = O extends { write(value: infer W, ...rest: any[]): unknown } ? I extends { rows(): unknown } ? RowsOf<W> : Exclude<W, { read(): Promise<unknown> }> : never;
`;

/** `moduleOf` gives a notebook's module, or undefined where it has none that compiles. */
export function wiresModule(
  pipeline: Pipeline,
  moduleOf: (path: string) => { specifier: string; source: SourceNotebook } | undefined,
): WiresModule {
  const byName = new Map(pipeline.stages.map((stage) => [stage.name, stage]));
  const lines = HEADER.trimEnd().split("\n");
  const wires: TypedWire[] = [];
  const byLine = new Map<number, TypedWire>();
  const imports = new Map<string, string>();
  const handle = (stage: Stage, keyword: "inputs" | "outputs"): string | undefined => {
    const module = moduleOf(stage.notebook);
    const variable = module && declaredVariable(module.source, keyword);
    if (!module || !variable) return undefined;
    const key = `${keyword} ${stage.notebook}`;
    const known = imports.get(key);
    if (known) return known;
    const name = `${keyword}${imports.size}`;
    imports.set(key, name);
    lines.push(`import type { ${variable} as ${name} } from ${JSON.stringify(module.specifier)};`);
    return name;
  };
  for (const consumer of pipeline.stages)
    for (const [input, wire] of Object.entries(consumer.inputs)) {
      const producer = wire.kind === "output" ? byName.get(wire.stage) : undefined;
      if (!producer || wire.kind !== "output") continue;
      const reader = handle(consumer, "inputs");
      const writer = handle(producer, "outputs");
      if (!reader || !writer) continue;
      const to = `(typeof ${reader})[${JSON.stringify(input)}]`;
      const from = `(typeof ${writer})[${JSON.stringify(wire.output)}]`;
      const typed = { consumer, input, producer, output: wire.output };
      lines.push(
        `export const wire${wires.length}: Read<${to}> = null! as Written<${from}, ${to}>;`,
      );
      byLine.set(lines.length, typed);
      wires.push(typed);
    }
  return { source: `${lines.join("\n")}\n`, wires, byLine };
}

function declaredVariable(source: SourceNotebook, keyword: string): string | undefined {
  const cells = source.code.filter(({ cell }) => cell.slot === keyword);
  const declaration =
    cells.length === 1 && cells[0] ? readDeclaration(cells[0], keyword) : undefined;
  return declaration?.ok ? declaration.variable : undefined;
}

/** What every command is, and the exit codes that scripts rely on. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { nearestName } from "../core/did-you-mean.ts";
import { StepLabError, messageOf } from "../core/error.ts";

/** What a word or an option's value may be: shell completion offers those. A list is all there is. */
export type Completes =
  | "command"
  | "document"
  | "file"
  | "folder"
  | "input"
  | "output"
  | "parameter"
  | "profile"
  | "run"
  | "stage"
  | "template"
  | readonly string[];

type ParseArgsOption = NonNullable<ParseArgsConfig["options"]>[string];

/** An option as `parseArgs` takes it, and what its value may be. */
export type Option = ParseArgsOption & { completes?: Completes };
export type Options = Readonly<Record<string, Option>>;

/** What was typed for each option, as `parseArgs` gives it. */
export type Values<O extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; strict: true; allowPositionals: true; options: O }>
>["values"];

/** What a command's file says of it. */
interface CommandText<O extends Options> {
  name: string;
  /** One line for `steplab --help`. */
  summary: string;
  /** The whole text of `--help`: fits a screen, names every option, ends with an example. */
  help: string;
  options: O;
  /** The words it takes besides options, in their order: more than these are wrong usage. */
  positionals: readonly Completes[];
  /** Whether it hands what stands behind `--` on to another program. */
  handsOn?: true;
  /** Returns the exit code. `handedOn` is what stands behind `--`. */
  run(values: Values<O>, positionals: string[], handedOn: string[]): Promise<number>;
}

export interface Command extends Pick<
  CommandText<Options>,
  "name" | "summary" | "help" | "options" | "positionals"
> {
  /** Words after the command's name; returns the exit code. @throws StepLabError `cli/usage` */
  run(words: readonly string[]): Promise<number>;
}

/** One table of options serves parsing and shell completion, so that neither can know one that the other does not. */
export function defineCommand<const O extends Options>(text: CommandText<O>): Command {
  return {
    ...text,
    run: async (words) => {
      const dashes = text.handsOn ? words.indexOf("--") : -1;
      const own = dashes < 0 ? words : words.slice(0, dashes);
      const { values, positionals } = parseWords(text, own);
      return await text.run(values, positionals, dashes < 0 ? [] : words.slice(dashes + 1));
    },
  };
}

/** What scripts can rely on (DESIGN 9). */
export const EXIT = {
  done: 0,
  /** The pipeline failed, or a check did. */
  failed: 1,
  /** Wrong usage, or a project that does not lint. */
  usage: 2,
  /** Ctrl-C. */
  cancelled: 130,
} as const;

/** `parseArgs` with errors in the words of people who type. @throws StepLabError `cli/usage` */
function parseWords<O extends Options>(
  { name, options, positionals: taken }: CommandText<O>,
  words: readonly string[],
): { values: Values<O>; positionals: string[] } {
  try {
    const parsed = parseArgs<{
      args: string[];
      strict: true;
      allowPositionals: true;
      options: O;
    }>({ args: [...words], strict: true, allowPositionals: true, options });
    const extra = parsed.positionals[taken.length];
    if (extra === undefined) return parsed;
    throw usage(
      name,
      taken.length === 0
        ? `it takes options only: what is "${extra}"?`
        : `one word too many: what is "${extra}"?`,
    );
  } catch (error) {
    if (error instanceof StepLabError) throw error;
    throw unknownOption(name, options, error) ?? usage(name, messageOf(error));
  }
}

function usage(name: string, message: string): StepLabError {
  return new StepLabError("cli/usage", `steplab ${name}: ${message}`, {
    hint: `npx steplab ${name} --help shows what it takes.`,
  });
}

/** Node's own words for it are about how to pass a file called `--forse`. */
function unknownOption(name: string, options: Options, error: unknown): StepLabError | null {
  const [, typed] = /^Unknown option '(-[^']*)'/.exec(messageOf(error)) ?? [];
  if (typed === undefined) return null;
  const known = [...Object.keys(options), "help", "debug"].map((option) => `--${option}`);
  const near = nearestName(typed, known);
  return new StepLabError("cli/usage", `steplab ${name}: there is no option ${typed}.`, {
    hint:
      near === undefined
        ? `npx steplab ${name} --help shows what it takes.`
        : `did you mean ${near}?`,
  });
}

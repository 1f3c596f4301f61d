/** An error as a kernel printed it that has no message for errors (tslab): the last that it wrote on standard error. */

export interface PrintedError {
  name: string;
  message: string;
  traceback: string[];
  line: number | null;
  column: number | null;
}

/** `1:5 - Cannot find name 'x'.`, as tslab prints what its compiler says. */
const DIAGNOSTIC = /^(\d+):(\d+) - (.*)$/;
/** `TypeError: x is not a function`, with a code in brackets where Node gives one. */
const THROWN = /^(?:Uncaught )?([A-Za-z_$][\w$.]*)(?: \[\w+\])?: ?(.*)$/;
const FRAME = /^\s+at /;

export function errorIn(text: string): PrintedError {
  const traceback = text.trimEnd().split("\n");
  const [first = ""] = traceback;
  const [, line, column, said] = DIAGNOSTIC.exec(first) ?? [];
  if (said !== undefined)
    return {
      name: "TypeScriptError",
      message: traceback.map((each) => DIAGNOSTIC.exec(each)?.[3] ?? each).join("\n"),
      traceback,
      line: Number(line),
      column: Number(column),
    };
  const [, name = "Error", words = first] = THROWN.exec(first) ?? [];
  const frames = traceback.findIndex((each) => FRAME.test(each));
  const more = traceback.slice(1, frames === -1 ? undefined : frames);
  const message = [words, ...more].join("\n") || "The kernel did not say what went wrong.";
  return { name, message, traceback, line: null, column: null };
}

/** Errors that no cell awaits: a timer's, a forgotten promise's. Shown by their cell, and not forgotten. */
import { Interrupted, currentCell } from "./evaluate/cell.ts";
import type { CellSources } from "./evaluate/sources.ts";
import { reportError } from "./evaluate/traceback.ts";
import type { KernelHost } from "./host.ts";
import type { Output } from "./output.ts";

export function watchLooseErrors(output: Output, host: KernelHost, sources: CellSources): void {
  const report = (what: string, error: unknown): void => {
    // What an interrupt left behind is its doing, not a fault.
    if (error instanceof Interrupted) return;
    host.rememberLoose(error);
    const cell = currentCell();
    const lines = cell ? reportError(error, cell, sources).traceback : [String(error)];
    output.write("stderr", `${what}\n${lines.join("\n")}\n`);
  };
  process.on("unhandledRejection", (error) => {
    report("A promise was rejected, and nothing awaited it:", error);
  });
  process.on("uncaughtException", (error) => {
    report("An error was thrown outside of any cell's execution (a timer or an event):", error);
  });
}

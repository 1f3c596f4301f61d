/** JupyterLab being set up, on standard error: one line that is redrawn on a terminal, two plain ones elsewhere. */
import type { SetUpProgress } from "../../jupyter/index.ts";
import { duration } from "./style.ts";

export interface SetUpView extends Disposable {
  take(progress: SetUpProgress): void;
  /** Prints a line of its own. */
  say(text: string): void;
  /** It is there: prints how long that took, if there was anything to do. */
  done(): void;
}

const CLEAR = "\r\u001b[2K";

export function setUpView(stream: NodeJS.WriteStream): SetUpView {
  const isLive = stream.isTTY && process.env["TERM"] !== "dumb";
  let startedAt: number | null = null;
  let isDrawn = false;
  const clear = (): void => {
    if (isDrawn) stream.write(CLEAR);
    isDrawn = false;
  };
  return {
    take(progress) {
      if (startedAt === null) {
        startedAt = Date.now();
        if (!isLive) stream.write("Setting up JupyterLab in .steplab/jupyter, once …\n");
      }
      if (!isLive) return;
      clear();
      const line = `Setting up JupyterLab in .steplab/jupyter, once: ${words(progress)}`;
      stream.write(line.slice(0, (stream.columns || 80) - 1));
      isDrawn = true;
    },
    say(text) {
      clear();
      stream.write(`${text}\n`);
    },
    done() {
      clear();
      if (startedAt !== null) stream.write(`Set up in ${duration(Date.now() - startedAt)}.\n`);
    },
    [Symbol.dispose]: clear,
  };
}

function words(progress: SetUpProgress): string {
  switch (progress.step) {
    case "environment":
      return "an environment of Python";
    case "fetch":
      return `package ${progress.number} of ${progress.packages} (${progress.package})`;
    case "install":
      return "writing it down";
  }
}

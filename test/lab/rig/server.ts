/** `steplab lab` as it is typed, in a project. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { repositoryRoot } from "../../rig/project.ts";

export interface RunningLab extends AsyncDisposable {
  /** What a browser opens: `http://127.0.0.1:37011/lab?token=…` */
  url: URL;
  process: ChildProcess;
  /** All that the command said until now, on both streams. */
  said(): string;
  /** Asks the server's API: `/api/…`, below its base URL. */
  api(path: string, method?: "GET" | "POST" | "DELETE", body?: object): Promise<unknown>;
}

export interface LabOptions {
  /** The environment to use instead of what the command finds. */
  jupyter?: string;
  env?: Record<string, string>;
  /** Instead of `lab`: a command that starts it too. */
  command?: readonly string[];
  /** More options of the command. */
  words?: readonly string[];
  /** More options of JupyterLab's own. */
  more?: readonly string[];
  /** Show what it says: setting up takes its time. */
  echo?: boolean;
}

/** Starts it on a port of its own, and resolves when it has said where it is. */
export async function startLab(folder: string, options: LabOptions = {}): Promise<RunningLab> {
  const { jupyter, command = ["lab"], env = {}, words = [], more = [], echo = false } = options;
  const child = spawn(
    process.execPath,
    [
      join(repositoryRoot, "bin", "steplab.js"),
      ...command,
      "--no-browser",
      "--port=0",
      ...(jupyter === undefined ? [] : [`--jupyter=${jupyter}`]),
      ...words,
      "--",
      "--LabApp.expose_app_in_browser=True", // tests ask JupyterLab itself what it knows
      ...more,
    ],
    { cwd: folder, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  const ended = once(child, "exit");
  // A test run that is given up leaves no server.
  const kill = (): void => void child.kill("SIGINT");
  process.once("exit", kill);
  void ended.then(() => process.off("exit", kill));
  const address = new Promise<URL>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (echo) process.stderr.write(text.replace(/token=\w+/, "token=…"));
        const [found] = /http:\/\/\S+/.exec(said) ?? [];
        if (found !== undefined) resolve(new URL(found));
      });
    void ended.then(() => reject(new Error(`steplab lab ended:\n${said}`)));
  });
  const url = await address;
  return {
    url,
    process: child,
    said: () => said,
    async api(path, method = "GET", body) {
      const base = url.pathname.replace(/\/lab(?:\/tree\/.*)?$/, "");
      const answer = await fetch(new URL(`${base}${path}`, url), {
        method,
        headers: { authorization: `token ${url.searchParams.get("token")}` },
        ...(body && { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer.status === 204 ? null : await answer.json();
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGINT");
      await ended;
    },
  };
}

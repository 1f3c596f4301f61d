/** All that is measured, in the order of the table: a file a group, loaded only when it is asked for. */
import type { Task } from "./measure.ts";

const GROUPS = {
  kernel: async () => (await import("./kernel.ts")).kernelTasks,
  server: async () => (await import("./server.ts")).serverTasks,
  lab: async () => (await import("./lab.ts")).labTasks,
  types: async () => (await import("./types.ts")).typesTasks,
  chain: async () => (await import("./chain.ts")).chainTasks,
  runner: async () => (await import("./runner.ts")).runnerTasks,
  lint: async () => (await import("./lint.ts")).lintTasks,
  archive: async () => (await import("./archive.ts")).archiveTasks,
  store: async () => (await import("./store.ts")).storeTasks,
  data: async () => (await import("./data.ts")).dataTasks,
  example: async () => (await import("./example.ts")).exampleTasks,
} satisfies Record<string, () => Promise<readonly Task[]>>;

export const GROUP_NAMES = Object.keys(GROUPS).join(", ");

/** Those of the asked names, groups or tasks; all where none is asked. A sentence where a name is unknown. */
export async function chosenTasks(asked: readonly string[]): Promise<readonly Task[] | string> {
  const groups = await Promise.all(
    Object.entries(GROUPS).map(async ([group, load]) => ({ group, tasks: await load() })),
  );
  const known = groups.flatMap(({ group, tasks }) => [group, ...tasks.map(({ name }) => name)]);
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown !== undefined) return `There is no task "${unknown}"; there are: ${known.join(", ")}`;
  return groups.flatMap(({ group, tasks }) =>
    tasks.filter(({ name }) => asked.length === 0 || asked.includes(group) || asked.includes(name)),
  );
}

/** `npm run bench`: argv, progress on standard error, the table on standard output, the exit code. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { STEPLAB_ROOT } from "../core/own-sources.ts";
import { KeptMeasurements } from "./kept.ts";
import { measureTask, type Measured } from "./measure.ts";
import { EXTRA_PEERS, openPeers, type Peers } from "./peers/index.ts";
import { PEERS_FOLDER } from "./peers/setup.ts";
import { linesOf, machineNow, markdownOf, textOf, type Table } from "./table.ts";
import { chosenTasks, GROUP_NAMES } from "./tasks.ts";

const HELP = `npm run bench -- [options]

  Measures steplab; with --peers beside the tools that people use instead, in turns, on the same work.

  --peers         sets the peers up where they are not yet (under .steplab/bench/, about 1.5 GB; needs
                  Python 3 with venv), and measures them too
  --with <peer>   one that is too large to come unasked: mlflow (850 MB)
  --only <task>   this task or group of tasks; may be repeated: ${GROUP_NAMES}
  --resume        goes on with a table that was broken off: what was measured of the same code is taken
  --quick         one turn of each, without warm-up: to see that it works
  --json          the table as JSON
  --write         puts the table into docs/benchmark.md (with --peers, without --only)

  Exit codes: 0 measured; 1 a row is invalid (other work was done, or it could not be measured); 2 wrong usage.

  npm run bench -- --peers --only chain-six`;

const PAGE = join(STEPLAB_ROOT, "docs", "benchmark.md");
const KEPT = join(PEERS_FOLDER, "measured.json");
const BEGIN = "<!-- table: npm run bench -- --peers --write -->";
const END = "<!-- end of the table -->";

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      peers: { type: "boolean", default: false },
      with: { type: "string", multiple: true, default: [] },
      only: { type: "string", multiple: true, default: [] },
      quick: { type: "boolean", default: false },
      resume: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  if (values.write && (values.only.length > 0 || !values.peers))
    throw new Usage("--write takes the whole table: --peers, without --only");
  const stranger = values.with.find((name) => !EXTRA_PEERS.includes(name));
  if (stranger !== undefined || (values.with.length > 0 && !values.peers))
    throw new Usage(`--with takes, together with --peers: ${EXTRA_PEERS.join(", ")}`);
  const tasks = await chosenTasks(values.only.flatMap((word) => word.split(",")));
  if (typeof tasks === "string") throw new Usage(tasks);

  const peers = values.peers ? await openPeers({ extra: values.with, say }) : null;
  const { quick, resume } = values;
  if (quick && resume) throw new Usage("--quick measures too little to go on with");
  const kept = quick ? null : new KeptMeasurements(KEPT, { withPeers: values.peers, resume });
  const measured: Measured[] = [];
  for (const task of tasks) {
    const known = kept?.of(task);
    if (known !== undefined) say(`${task.name}: measured before`);
    const now = known ?? (await measureTask(task, { peers, say, quick }));
    kept?.keep(now);
    measured.push(now);
  }
  const table = tableOf(measured, peers, values.quick);
  process.stdout.write(
    values.json
      ? `${JSON.stringify(table, null, 2)}\n`
      : `${textOf(table)}\n\n${verdictOf(table)}\n`,
  );
  const invalid = table.lines.some(({ faults }) => faults.length > 0);
  if (values.write && !invalid) {
    writePage(table);
    say("docs/benchmark.md is written.");
  }
  return invalid ? 1 : 0;
}

function tableOf(measured: readonly Measured[], peers: Peers | null, quick: boolean): Table {
  return {
    machine: machineNow(),
    versions: peers?.versions ?? {},
    missing: Object.fromEntries(peers?.missing ?? []),
    lines: linesOf(measured),
    quick,
  };
}

function verdictOf({ lines }: Table): string {
  const invalid = lines.filter(({ faults }) => faults.length > 0).length;
  const over = lines.filter(({ within }) => within === false).length;
  const slower = lines.filter(({ ratio }) => ratio !== null && ratio > 1).length;
  return [
    over === 0 ? "All within their bounds" : `${over} over their bounds (a busy machine?)`,
    ...(slower > 0 ? [`${slower} where a peer takes less`] : []),
    ...(invalid > 0 ? [`${invalid} invalid`] : []),
  ].join("; ");
}

function writePage(table: Table): void {
  const page = readFileSync(PAGE, "utf8");
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error(`docs/benchmark.md lacks "${BEGIN}" or "${END}"`);
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync(
    PAGE,
    `${page.slice(0, from + BEGIN.length)}\n\n${markdownOf(table, day)}\n\n${page.slice(to)}`,
  );
}

class Usage extends Error {}

try {
  process.exitCode = await main();
} catch (error) {
  const wrongWord = error instanceof TypeError && "code" in error; // parseArgs says it so
  if (!(error instanceof Usage) && !wrongWord) throw error;
  say(`${error.message}\n\n${HELP}`);
  process.exitCode = 2;
}
process.exit(); // a killed kernel's sockets must not hold the process

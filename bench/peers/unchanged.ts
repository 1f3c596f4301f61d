/** A pipeline in which nothing changed, for the peers: each stage copies a file, and says in a log that it ran. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench, Contestant } from "../measure.ts";
import { benchFolder } from "../project.ts";
import { layOut, pipelineOf, PYTHON } from "./chain.ts";

/** A chain, or stages each for itself: as steplab's are. ploomber takes part in the chain only: its first run of 1,000 notebooks takes half an hour. */
export function unchangedPeers(
  { peers, resources, say }: Pick<Bench, "peers" | "resources" | "say">,
  { stages, independent }: { stages: number; independent: boolean },
): Contestant[] {
  if (peers === null) return [];
  const contestants: Contestant[] = [];
  const { dvc, make, ploomber } = peers;
  if (make) {
    const { root } = resources.use(benchFolder());
    const files = layOutFiles(root, stages, independent);
    writeFileSync(join(root, "Makefile"), makefileOf(files));
    make.run(root, "make", ["--silent"]);
    const work = nothingDone(
      root,
      files.map(({ made }) => made),
    );
    contestants.push({
      name: "make",
      measure: () => ({ wall: make.run(root, "make", ["--silent"]).seconds }),
      work,
    });
  }
  if (dvc) {
    const { root } = resources.use(benchFolder());
    const files = layOutFiles(root, stages, independent);
    writeFileSync(join(root, "dvc.yaml"), dvcYamlOf(files));
    say("DVC, first run …");
    dvc.run(root, "dvc", ["init", "--no-scm", "--quiet"]);
    if (!independent) dvc.run(root, "dvc", ["repro", "--quiet"]);
    else {
      // A thousand stages take it ten minutes to run; written down as done, they are in the same state.
      for (const { from, made } of files)
        writeFileSync(join(root, made), readFileSync(join(root, from)));
      dvc.run(root, "dvc", ["commit", "--force", "--quiet"]);
    }
    const work = nothingDone(
      root,
      files.map(({ made }) => made),
    );
    for (const command of ["repro", "status"]) {
      contestants.push({
        name: `dvc ${command}`,
        measure: () => ({ wall: dvc.run(root, "dvc", [command, "--quiet"]).seconds }),
        work,
      });
    }
  }
  if (ploomber && !independent) {
    const { root } = resources.use(benchFolder());
    const chain = layOut(root, PYTHON, "python3");
    writeFileSync(join(root, "pipeline.yaml"), pipelineOf(chain));
    say("ploomber, first run …");
    ploomber.run(root, "ploomber", ["build"]);
    const made = chain.notebooks.map((name) => join("executed", name));
    contestants.push({
      name: "ploomber build",
      measure: () => ({ wall: ploomber.run(root, "ploomber", ["build"]).seconds }),
      work: nothingDone(root, made),
    });
  }
  return contestants;
}

interface CopyStage {
  name: string;
  from: string;
  made: string;
}

/** Inputs of 3 KB, as a notebook is. */
function layOutFiles(root: string, stages: number, independent: boolean): CopyStage[] {
  mkdirSync(join(root, "in"));
  mkdirSync(join(root, "out"));
  return Array.from({ length: stages }, (_, i) => {
    const from = !independent && i > 0 ? `out/${i - 1}.txt` : `in/${i}.txt`;
    if (!from.startsWith("out/"))
      writeFileSync(join(root, from), `${i} `.repeat(3000).slice(0, 3000));
    return { name: `s${i}`, from, made: `out/${i}.txt` };
  });
}

const commandOf = ({ from, made }: CopyStage): string =>
  `cp ${from} ${made} && echo ran >> ran.log`;

function makefileOf(stages: readonly CopyStage[]): string {
  const rules = stages.map((stage) => `${stage.made}: ${stage.from}\n\t${commandOf(stage)}\n`);
  return `all: ${stages.map(({ made }) => made).join(" ")}\n${rules.join("")}`;
}

function dvcYamlOf(stages: readonly CopyStage[]): string {
  const entries = stages.map(
    (stage) =>
      `  ${stage.name}:\n    cmd: ${commandOf(stage)}\n    deps: [${stage.from}]\n    outs: [${stage.made}]\n`,
  );
  return `stages:\n${entries.join("")}`;
}

/** Compares with how things stand now: nothing may be executed, and nothing that was made may be written again. */
function nothingDone(root: string, made: readonly string[]): () => unknown {
  const log = join(root, "ran.log");
  const lines = (): number =>
    existsSync(log) ? readFileSync(log, "utf8").split("\n").length - 1 : 0;
  const states = (): string[] =>
    made.map((path) => {
      const { mtimeMs, size, ino } = statSync(join(root, path));
      return [mtimeMs, size, ino].join();
    });
  const [linesBefore, before] = [lines(), states()];
  return () => ({
    stages: made.length,
    executed: lines() - linesBefore,
    changed: states().filter((state, i) => state !== before[i]).length,
  });
}

/** The service of one project: answers every question of the protocol, for as many front ends as there are. */
import { messageOf, StepLabError } from "../../core/error.ts";
import { ownVersion } from "../../core/own-sources.ts";
import { isRunId } from "../../lineage/archive.ts";
import { plural } from "../../core/count.ts";
import type { NewStagePlan } from "../../pipeline/scaffold/plan-stage.ts";
import type { RunId } from "../../lineage/record.ts";
import { searchRuns } from "../../lineage/query/search.ts";
import { leavesProject } from "../../pipeline/lint/graph.ts";
import { openLint, type LintSession } from "../../pipeline/lint/session.ts";
import { readTemplates } from "../../pipeline/templates.ts";
import { findProjectRoot } from "../find-project.ts";
import { RUN_DEFAULTS } from "../options.ts";
import { Changes } from "./changes.ts";
import { Follower } from "./follow.ts";
import { viewInputs } from "./inputs-view.ts";
import { judgeNotebooks } from "./judge-notebooks.ts";
import { knownPipeline, viewPipeline, type KnownPipeline } from "./pipeline-view.ts";
import type { Failure, Judgement, Push, Question, Questions, Reply } from "./protocol.ts";
import { viewRun } from "./run-view.ts";
import { viewSince } from "./since-view.ts";
import { cancelRun, startRun } from "./start-run.ts";

const VERSION: number = 1;

type Asked<Q extends Question> = Questions[Q]["asks"];
type Answered<Q extends Question> = Questions[Q]["answer"] | Promise<Questions[Q]["answer"]>;

/** How each question is answered. */
type Answers = { [Q in Question]: (client: Client, asked: Asked<Q>) => Answered<Q> };

/** One front end: a browser's page, say. */
interface Client {
  tell(push: Push): void;
  /** Unsaved texts, by path. */
  texts: Map<string, string>;
  followed: Map<string, Follower>;
  /** A judgement that waits for its turn: whoever asks in the meantime gets the same one. */
  judging: Promise<Judgement> | null;
}

/** Disposing it ends what is watched and followed; runs go on. */
export class ProjectService implements AsyncDisposable {
  readonly #cwd: string;
  readonly #clients = new Map<string, Client>();
  readonly #send: (client: string, data: Reply | Push) => void;
  #project: { root: string; lint: LintSession; changes: Changes } | null = null;
  /** What is being found out about a document at this moment. */
  readonly #looks = new Map<string, Promise<KnownPipeline>>();
  /** Judgements take turns: one compiler. */
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param cwd absolute; the project is the one around it, looked for with every question until there is one
   * @param send tells a client something; called with what JSON can hold
   */
  constructor(cwd: string, send: (client: string, data: Reply | Push) => void) {
    this.#cwd = cwd;
    this.#send = send;
  }

  /** Takes what a client sent, and replies; never throws for what it was sent. */
  async take(client: string, data: unknown): Promise<void> {
    const id = idOf(data);
    try {
      const answer = await this.#answer(this.#clientOf(client), data);
      this.#send(client, { id, answer });
    } catch (error) {
      this.#send(client, { id, error: failureOf(error) });
    }
  }

  /** A client is gone: its unsaved texts are forgotten, nothing more is told to it. */
  close(client: string): void {
    for (const follower of this.#clients.get(client)?.followed.values() ?? [])
      follower[Symbol.dispose]();
    this.#clients.delete(client);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients.keys()) this.close(client);
    this.#project?.changes[Symbol.dispose]();
    await this.#project?.lint[Symbol.asyncDispose]();
    this.#project = null;
  }

  #clientOf(name: string): Client {
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const tell = (push: Push): void => {
      if (this.#clients.has(name)) this.#send(name, push);
    };
    const client: Client = { tell, texts: new Map(), followed: new Map(), judging: null };
    this.#clients.set(name, client);
    return client;
  }

  async #answer(client: Client, data: unknown): Promise<Questions[Question]["answer"]> {
    if (typeof data !== "object" || data === null)
      throw invalid("The message's data is no object.");
    const { ask } = data as { ask?: unknown };
    if (typeof ask !== "string" || !Object.hasOwn(this.#answers, ask))
      throw invalid(
        `${JSON.stringify(ask)} is no question: ${Object.keys(this.#answers).join(", ")}.`,
      );
    const question = ask as Question; // one of the table's keys, by the line before
    const answers = this.#answers as Record<Question, (client: Client, asked: unknown) => unknown>;
    return (await answers[question](client, data)) as Questions[Question]["answer"]; // by the table's type
  }

  readonly #answers: Answers = {
    hello: (_client, { version }) => {
      if (version !== VERSION)
        throw new StepLabError(
          "service/version-mismatch",
          `This steplab (${ownVersion()}) speaks version ${VERSION} of the protocol; the front end says ${JSON.stringify(version)}.`,
          { hint: "Install its extension: npx steplab lab install" },
        );
      const { root } = this.#open();
      const { document } = RUN_DEFAULTS;
      return { version, steplab: ownVersion(), root, document };
    },
    edit: (client, { texts }) => {
      for (const [path, text] of Object.entries(texts))
        if (text === null) client.texts.delete(path);
        else client.texts.set(path, text);
      return {};
    },
    lint: (client) => this.#lint(client),
    pipeline: (_client, { document }) => {
      const { root } = this.#open();
      return viewPipeline(root, this.#document(document), (each) => this.#known(each));
    },
    run: async (_client, request) => {
      const { root } = this.#open();
      return { run: await startRun(root, request) };
    },
    cancel: (_client, { run }) => {
      cancelRun(this.#open().root, runId(run));
      return {};
    },
    follow: (client, { run }) => {
      const { root } = this.#open();
      runId(run);
      client.followed.get(run)?.[Symbol.dispose]();
      // After the reply, so that a front end knows the run before it hears of it.
      setImmediate(() => {
        const follower = new Follower(
          root,
          run,
          (events) => client.tell({ push: "events", run, events }),
          () => {
            if (client.followed.get(run) === follower) client.followed.delete(run);
            client.tell({ push: "ended", run });
          },
        );
        client.followed.set(run, follower);
        follower.start();
      });
      return {};
    },
    unfollow: (client, { run }) => {
      client.followed.get(run)?.[Symbol.dispose]();
      client.followed.delete(run);
      return {};
    },
    runs: (_client, { limit, branch, stage, metric }) =>
      searchRuns(this.#open().root, {
        limit,
        ...(branch !== undefined && { branch }),
        ...(stage !== undefined && { stage }),
        ...(metric !== undefined && { metric }),
      }),
    record: (_client, { run }) => {
      return viewRun(this.#open().root, runId(run), (document) => this.#known(document));
    },
    since: (_client, { run, stage }) =>
      viewSince(this.#open().root, runId(run), stage, (document) => this.#known(document)),
    restore: async (_client, { run, stage, fresh }) => {
      const { restoreStage } = await import("../restore.ts");
      const { root } = this.#open();
      const restored = restoreStage(root, runId(run), stage, { fresh: fresh === true });
      const { notebook, at, differs } = restored;
      return { notebook, at: at?.id ?? null, differs };
    },
    templates: () => {
      const { root } = this.#open();
      const templates = [...readTemplates(root).templates.values()];
      return {
        templates: templates.map(({ name, title, describes, own }) => ({
          name,
          title,
          describes,
          own,
        })),
      };
    },
    new: async (_client, { name, template, after, title, file }) => {
      const { root } = this.#open();
      const { planStage } = await import("../../pipeline/scaffold/plan-stage.ts");
      const { writeStage } = await import("../../pipeline/scaffold/write-stage.ts");
      const { document } = RUN_DEFAULTS;
      const { addressFetch } = await import("../sources/address-fetch.ts");
      const look = { fetch: addressFetch(root, name) };
      const wanted = { name, template, after, title, file, inputs: {}, look, from: null };
      const plan = await planStage({ projectRoot: root, document, ...wanted });
      writeStage(root, plan);
      const { notebook, document: section, inputs } = plan;
      return {
        notebook: notebook.path,
        document: section?.path ?? null,
        inputs,
        read: whatWasRead(plan),
      };
    },
    inputs: async (_client, { notebook }) => {
      const { root, lint } = this.#open();
      const known = await this.#known(RUN_DEFAULTS.document);
      return { inputs: await viewInputs(root, notebook, known, lint) };
    },
  };

  /** Several questions follow each save, and rest on the same: they share one look at the project. */
  #known(document: string): Promise<KnownPipeline> {
    const looking = this.#looks.get(document);
    if (looking !== undefined) return looking;
    const { root, lint } = this.#open();
    const look = knownPipeline(root, document, lint).finally(() => {
      if (this.#looks.get(document) === look) this.#looks.delete(document);
    });
    this.#looks.set(document, look);
    return look;
  }

  #lint(client: Client): Promise<Judgement> {
    const { root, lint } = this.#open();
    if (client.judging !== null) return client.judging;
    const judging = this.#turn.then(async () => {
      client.judging = null; // texts that change from here on need another one
      return await judgeNotebooks(root, lint, new Map(client.texts));
    });
    client.judging = judging;
    this.#turn = judging.catch(() => {}); // its asker hears of it
    return judging;
  }

  /** @throws StepLabError `project/not-found` */
  #open(): { root: string; lint: LintSession } {
    if (this.#project !== null) return this.#project;
    const root = findProjectRoot(this.#cwd);
    const changes = new Changes(root, (changed) => {
      this.#looks.clear(); // begun before, and asked about again now
      for (const client of this.#clients.values()) client.tell({ push: "changed", ...changed });
    });
    this.#project = { root, lint: openLint(root), changes };
    return this.#project;
  }

  #document(named: string = RUN_DEFAULTS.document): string {
    if (!leavesProject(named)) return named;
    throw new StepLabError("cli/usage", `${named} lies outside the project.`);
  }
}

function idOf(data: unknown): number | null {
  const id = typeof data === "object" && data !== null ? (data as { id?: unknown }).id : undefined;
  return typeof id === "number" ? id : null;
}

function runId(run: string): RunId {
  if (isRunId(run)) return run;
  throw new StepLabError("archive/unknown-run", `${JSON.stringify(run)} is no run.`);
}

function invalid(message: string): StepLabError {
  return new StepLabError("service/invalid-question", message);
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof StepLabError)) {
    process.stderr.write(
      `steplab service: ${error instanceof Error ? error.stack : String(error)}\n`,
    );
    return { code: "internal/bug", message: messageOf(error) };
  }
  const { code, message, hint, diagnostics } = error;
  return {
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...(diagnostics.length > 0 && { diagnostics }),
  };
}

function whatWasRead({ seen, refused, module }: NewStagePlan): string | null {
  const read = seen.map(
    ({ path, rows, columns, schema, notes }) =>
      `${path}: ${plural(rows, "row")}, ${plural(columns, "column")}; all fit ${schema} of ${module?.path}.${notes.map((note) => ` Look at ${note}.`).join("")}`,
  );
  return [...read, ...refused.map(({ message }) => message)].join("\n") || null;
}

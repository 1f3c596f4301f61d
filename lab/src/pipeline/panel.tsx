/** The pipeline as a panel: its graph, how fresh each stage is, what ran last, and buttons that run it. */
import { useEffect, useReducer, useState, type ReactElement } from "react";
import type { Json } from "../../../core/json.ts";
import type { StageView } from "../../../runner/service/protocol.ts";
import { ago, duration } from "../format.ts";
import { Button } from "../ui/button.tsx";
import { Glyph } from "../ui/glyph.tsx";
import { Metrics } from "../ui/metrics.tsx";
import { graphRows, type GraphRow } from "./lanes.ts";
import { ParameterForm } from "./parameter-form.tsx";
import type { PipelineModel } from "./pipeline-model.ts";
import type { RunProgress, StageProgress } from "./run-progress.ts";
import { lookOf, phraseOf, type Look } from "./stage-look.ts";

export interface PanelActions {
  /** Opens a file of the project; paths are relative to it. */
  open(path: string): void;
  /** Opens an executed notebook read-only. */
  openArchived(path: string): void;
  showProblems(): void;
}

interface PanelProps {
  model: PipelineModel;
  actions: PanelActions;
}

export function PipelinePanel({ model, actions }: PanelProps): ReactElement {
  useChanges(model);
  const { view, run, trouble, project } = model;
  const [opened, setOpened] = useState<string | null>(null);
  const [profile, setProfile] = useState("");
  if (view === null)
    return (
      <div className="steplab-Empty" role="status">
        {trouble?.message ??
          (project.state === "lost" ? "The project's service is gone." : "Reading the pipeline …")}
      </div>
    );
  const { rows, lanes } = graphRows(
    view.stages.map(({ name, reads, after }) => ({
      name,
      needs: [...new Set([...reads, ...after])],
    })),
  );
  const more = profile === "" ? {} : { profile };
  return (
    <div className="steplab-Pipeline">
      <header className="steplab-Panel-header">
        <button
          type="button"
          className="steplab-Link steplab-Panel-title"
          title={`Open ${view.document}`}
          onClick={() => actions.open(view.document)}
        >
          {view.pipeline ?? view.document}
        </button>
        <div className="steplab-Buttons">
          {view.profiles.length > 0 && (
            <select
              aria-label="Profile"
              title="Values of the front matter for this run"
              value={profile}
              onChange={(event) => setProfile(event.target.value)}
            >
              <option value="">no profile</option>
              {view.profiles.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
          {model.isRunning ? (
            <Button
              glyph="stop"
              label="Cancel"
              disabled={model.isStarting}
              onClick={() => void model.cancel()}
            />
          ) : (
            <Button
              glyph="run"
              label="Run"
              primary
              title="Run what is not up to date"
              onClick={() => void model.start(more)}
            />
          )}
        </div>
      </header>
      <Standing model={model} actions={actions} />
      <ol className="steplab-Stages" aria-label="Stages">
        {view.stages.map((stage, index) => (
          <StageRow
            key={stage.name}
            stage={stage}
            row={rows[index] as GraphRow}
            next={rows[index + 1]}
            lanes={lanes}
            progress={run?.stages[stage.name]}
            run={run}
            isOpen={opened === stage.name}
            toggle={() => setOpened(opened === stage.name ? null : stage.name)}
            model={model}
            actions={actions}
            profile={more}
          />
        ))}
      </ol>
    </div>
  );
}

/** One line on how it stands; its height does not change while a run goes on. */
function Standing({ model, actions }: PanelProps): ReactElement {
  const { view, run, trouble } = model;
  useTick(model.isRunning);
  if (trouble !== null)
    return (
      <div className="steplab-Standing steplab-mod-bad" role="alert">
        <span>{trouble.message}</span>
        {trouble.errors > 0 ? (
          <button type="button" className="steplab-Link" onClick={() => actions.showProblems()}>
            Show the problems
          </button>
        ) : (
          trouble.hint !== null && <span className="steplab-Quiet"> {trouble.hint}</span>
        )}
      </div>
    );
  const errors = view?.diagnostics.filter(({ severity }) => severity === "error").length ?? 0;
  if (errors > 0 && !model.isRunning)
    return (
      <div className="steplab-Standing steplab-mod-bad" role="status">
        <span>
          {errors === 1
            ? "One error keeps it from running."
            : `${errors} errors keep it from running.`}
        </span>
        <button type="button" className="steplab-Link" onClick={() => actions.showProblems()}>
          Show the problems
        </button>
      </div>
    );
  return (
    <div className="steplab-Standing" role="status" aria-live="polite">
      {model.isStarting
        ? "Judging the pipeline …"
        : run === null
          ? standsAs(view?.stages ?? [])
          : ranAs(run)}
    </div>
  );
}

function standsAs(stages: readonly StageView[]): string {
  const stale = stages.filter(({ state }) => state !== "fresh").length;
  if (stages.length === 0) return "There is no stage yet: New stage from template …";
  if (stale === 0) return "Everything is up to date.";
  return stale === 1 ? "1 stage to run." : `${stale} of ${stages.length} stages to run.`;
}

function ranAs({ status, stages, startedAt }: RunProgress): string {
  const all = Object.values(stages);
  const ended = all.filter(
    (stage) => stage.status !== "waiting" && stage.status !== "running",
  ).length;
  if (status === null)
    return `Running: ${ended} of ${all.length} stages, ${duration(Date.now() - startedAt)}`;
  const cached = all.filter((stage) => stage.status === "cached").length;
  return `The run ${status}${cached > 0 ? `; ${cached} of ${all.length} stages were up to date` : ""}.`;
}

interface StageRowProps extends PanelProps {
  stage: StageView;
  row: GraphRow;
  next: GraphRow | undefined;
  lanes: number;
  progress: StageProgress | undefined;
  run: RunProgress | null;
  isOpen: boolean;
  toggle: () => void;
  profile: { profile?: string };
}

function StageRow(props: StageRowProps): ReactElement {
  const { stage, progress, isOpen, toggle, actions } = props;
  /** Of a run that goes on. */
  const live = props.run?.status === null ? progress : undefined;
  const look = lookOf(stage, live);
  const phrase = phraseOf(stage, live);
  const isExecuting = live?.status === "running";
  useTick(isExecuting);
  return (
    <li
      className={`steplab-Stage${isOpen ? " steplab-mod-open" : ""}`}
      data-stage={stage.name}
      data-look={look.name}
    >
      <Lanes {...props} look={look} />
      <div className="steplab-Stage-body">
        <div className="steplab-Stage-line">
          <button
            type="button"
            className="steplab-Stage-name"
            aria-expanded={isOpen}
            title={stage.title}
            onClick={toggle}
          >
            <Glyph name={look.glyph} label={look.label} className={`steplab-Look-${look.name}`} />
            <span>{stage.name}</span>
          </button>
          <button
            type="button"
            className="steplab-Link steplab-Quiet"
            title={`Open ${stage.notebook}`}
            onClick={() => actions.open(stage.notebook)}
          >
            {baseName(stage.notebook)}
          </button>
        </div>
        <div className="steplab-Stage-phrase" title={phrase}>
          {phrase}
        </div>
        {isExecuting && <Bar progress={live} />}
        {isOpen && <StageDetails {...props} />}
      </div>
    </li>
  );
}

/** Cells that are done, and of a cell that says how far it is, its part. */
function Bar({ progress }: { progress: StageProgress }): ReactElement {
  const { cells, done, work, startedAt } = progress;
  const part = cells === 0 ? 0 : Math.min(1, (done + (work?.value ?? 0)) / cells);
  return (
    <div className="steplab-Progress">
      <div
        className="steplab-Bar"
        role="progressbar"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(part * 100)}
      >
        <div style={{ width: `${part * 100}%` }} />
      </div>
      <span className="steplab-Quiet">
        {startedAt === null ? "" : duration(Date.now() - startedAt)}
      </span>
    </div>
  );
}

function StageDetails({ stage, progress, model, actions, profile }: StageRowProps): ReactElement {
  const { last } = stage;
  const [params, setParams] = useState<Record<string, Json>>({});
  const [isSound, setSound] = useState(true);
  const given = Object.keys(params).length > 0 ? { params } : {};
  const start = (request: object): void => void model.start({ ...profile, ...given, ...request });
  const off = model.isRunning || !isSound;
  return (
    <div className="steplab-Stage-details">
      {stage.reason !== "" && stage.state !== "fresh" && (
        <p>
          <span className="steplab-Quiet">Why: </span>
          {stage.reason}
        </p>
      )}
      {last !== null && (
        <p>
          <span className="steplab-Quiet">Last: </span>
          {last.status}
          {last.endedAt !== null && `, ${ago(Date.parse(last.endedAt))}`}
          {last.executed !== null && (
            <>
              {" "}
              <button
                type="button"
                className="steplab-Link"
                onClick={() => actions.openArchived(last.executed ?? "")}
              >
                Open the executed notebook
              </button>
            </>
          )}
          {last.message !== null && <span className="steplab-mod-bad"> {last.message}</span>}
        </p>
      )}
      <Metrics metrics={last?.metrics ?? []} />
      {stage.parameters.length > 0 && (
        <ParameterForm
          stage={stage.name}
          parameters={stage.parameters}
          onChange={(values, sound) => {
            setParams(values);
            setSound(sound);
          }}
        />
      )}
      <div className="steplab-Buttons">
        <Button
          label="This stage"
          disabled={off}
          title="Run this stage alone, on the results before it"
          onClick={() => start({ only: [stage.name], force: true })}
        />
        <Button
          label="From here"
          disabled={off}
          title="Run this stage and all that depend on it"
          onClick={() => start({ from: [stage.name] })}
        />
        <Button
          label="Up to here"
          disabled={off}
          title="Run what leads to this stage, and it"
          onClick={() => start({ to: [stage.name] })}
        />
      </div>
      {progress !== undefined && progress.log !== "" && (
        <details>
          <summary>Log of the kernel's process</summary>
          <pre className="steplab-Log">{progress.log}</pre>
        </details>
      )}
    </div>
  );
}

const LANE = 14;
const NODE_Y = 13;

/** The graph's part of one row, as wide as all lanes; it stretches with the row. */
function Lanes({ row, next, lanes, look }: StageRowProps & { look: Look }): ReactElement {
  const x = (lane: number): number => lane * LANE + LANE / 2 + 1;
  const width = lanes * LANE + 2;
  return (
    <div className="steplab-Lanes" style={{ width }} aria-hidden="true">
      <svg width={width} height={NODE_Y + 8}>
        {row.passing.map((lane) => (
          <line key={lane} x1={x(lane)} x2={x(lane)} y1={0} y2={NODE_Y + 8} />
        ))}
        {row.incoming.map((lane) => (
          <path
            key={lane}
            d={`M ${x(lane)} 0 C ${x(lane)} ${NODE_Y}, ${x(row.lane)} 0, ${x(row.lane)} ${NODE_Y}`}
          />
        ))}
        {row.continues && <line x1={x(row.lane)} x2={x(row.lane)} y1={NODE_Y} y2={NODE_Y + 8} />}
        <circle cx={x(row.lane)} cy={NODE_Y} r={4.5} className={`steplab-Look-${look.name}`} />
      </svg>
      <div className="steplab-Lanes-rest">
        {next !== undefined &&
          [...row.passing, ...(row.continues ? [row.lane] : [])].map((lane) => (
            <i key={lane} style={{ left: x(lane) - 0.75 }} />
          ))}
      </div>
    </div>
  );
}

/** Draws again with every change of the model. */
function useChanges(model: PipelineModel): void {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    model.changed.connect(draw);
    return () => void model.changed.disconnect(draw);
  }, [model]);
}

/** Draws again every second, for times that run. */
function useTick(isRunning: boolean): void {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = window.setInterval(draw, 1000);
    return () => window.clearInterval(timer);
  }, [isRunning]);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

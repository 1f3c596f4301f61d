/** The archive as a list: every run with its status and metrics; opened, its stages with what they left. */
import { useEffect, useReducer, useState, type ReactElement } from "react";
import type { RunBrief } from "../../../lineage/query/brief.ts";
import type { StageRecord } from "../../../lineage/record.ts";
import type { RunStatus } from "../../../lineage/status.ts";
import type { RunView } from "../../../runner/service/protocol.ts";
import { ago, duration } from "../format.ts";
import { ENDED, type Look } from "../pipeline/stage-look.ts";
import { Glyph } from "../ui/glyph.tsx";
import { Metrics } from "../ui/metrics.tsx";
import type { ArchiveModel } from "./archive-model.ts";

export interface ArchiveActions {
  /** Opens an executed notebook read-only; the path is relative to the project. */
  openArchived(path: string): void;
  /** Opens the working copy of a stage's notebook. */
  openStage(stage: string): void;
}

interface ArchiveProps {
  model: ArchiveModel;
  actions: ArchiveActions;
}

const RUN_LOOKS: Record<RunStatus, Look> = {
  succeeded: { name: "good", glyph: "check", label: "succeeded" },
  failed: { name: "bad", glyph: "cross", label: "failed" },
  cancelled: { name: "stale", glyph: "dash", label: "cancelled" },
  interrupted: { name: "stale", glyph: "dash", label: "interrupted" },
};

export function ArchiveList({ model, actions }: ArchiveProps): ReactElement {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    model.changed.connect(draw);
    return () => void model.changed.disconnect(draw);
  }, [model]);
  const [opened, setOpened] = useState<string | null>(null);
  const { runs, trouble } = model;
  if (runs === null)
    return (
      <div className="steplab-Empty" role="status">
        {trouble ?? "Reading the archive …"}
      </div>
    );
  return (
    <div className="steplab-Archive">
      {trouble !== null && (
        <div className="steplab-Standing steplab-mod-bad" role="alert">
          {trouble}
        </div>
      )}
      {runs.length === 0 && (
        <div className="steplab-Empty">No run yet. Every run is kept, with its notebooks.</div>
      )}
      <ol className="steplab-Runs" aria-label="Runs">
        {runs.map((run) => (
          <RunRow
            key={run.run}
            run={run}
            isOpen={opened === run.run}
            toggle={() => {
              if (opened !== run.run) void model.open(run.run);
              setOpened(opened === run.run ? null : run.run);
            }}
            model={model}
            actions={actions}
          />
        ))}
      </ol>
      {model.hasMore && (
        <button
          type="button"
          className="steplab-Link steplab-More"
          onClick={() => void model.showMore()}
        >
          Show older runs
        </button>
      )}
    </div>
  );
}

interface RunRowProps extends ArchiveProps {
  run: RunBrief;
  isOpen: boolean;
  toggle: () => void;
}

function RunRow({ run, isOpen, toggle, model, actions }: RunRowProps): ReactElement {
  const look = RUN_LOOKS[run.status];
  const took = duration(Date.parse(run.endedAt) - Date.parse(run.startedAt));
  const place = run.git?.tag ?? run.git?.branch ?? null;
  const view = model.recordOf(run.run);
  return (
    <li className={`steplab-Run${isOpen ? " steplab-mod-open" : ""}`} data-run={run.run}>
      <button
        type="button"
        className="steplab-Run-line"
        aria-expanded={isOpen}
        title={run.run}
        onClick={toggle}
      >
        <Glyph name={look.glyph} label={look.label} className={`steplab-Look-${look.name}`} />
        <span className="steplab-Run-when">{ago(Date.parse(run.endedAt))}</span>
        <span className="steplab-Quiet steplab-Run-facts">
          {took}
          {place !== null && `, ${place}`}
          {run.notes > 0 && `, ${run.notes} ${run.notes === 1 ? "note" : "notes"}`}
        </span>
        <span className="steplab-Run-id">{run.run.slice(-4)}</span>
      </button>
      <Metrics metrics={shownOf(run)} />
      {isOpen &&
        (view === undefined ? (
          <div className="steplab-Empty">Reading …</div>
        ) : (
          <ol className="steplab-Run-stages">
            {stagesOf(view).map(([name, stage]) => (
              <StageLine key={name} name={name} stage={stage} view={view} actions={actions} />
            ))}
          </ol>
        ))}
    </li>
  );
}

/** The first few: more are in the record. */
const METRICS_SHOWN = 3;

function shownOf({ metrics }: RunBrief): { name: string; value: number; unit: string | null }[] {
  const first = Object.entries(metrics).slice(0, METRICS_SHOWN);
  return first.map(([name, { value, unit }]) => ({ name, value, unit }));
}

interface StageLineProps {
  name: string;
  stage: StageRecord;
  view: RunView;
  actions: ArchiveActions;
}

const SINCE: Record<RunView["since"][string], string> = {
  same: "as it would be made now",
  changed: "made from other code, data or parameters than now",
  gone: "no stage of the pipeline any more",
  unknown: "",
};

function StageLine({ name, stage, view, actions }: StageLineProps): ReactElement {
  const look = ENDED[stage.status];
  const path = stage.notebook.path;
  const since = SINCE[view.since[name] ?? "unknown"];
  return (
    <li data-stage={name}>
      <Glyph name={look.glyph} label={look.label} className={`steplab-Look-${look.name}`} />
      <button
        type="button"
        className="steplab-Link"
        disabled={path === null}
        title={path === null ? "Nothing of it was executed" : "Open the executed notebook"}
        onClick={() => path !== null && actions.openArchived(`${view.folder}/${path}`)}
      >
        {name}
      </button>
      <span className="steplab-Quiet" title={since}>
        {stage.error?.message.split("\n")[0] ?? since}
      </span>
      {view.since[name] !== "gone" && (
        <button
          type="button"
          className="steplab-Link"
          title="Open the notebook that you edit"
          onClick={() => actions.openStage(name)}
        >
          working copy
        </button>
      )}
    </li>
  );
}

function stagesOf({ record }: RunView): [string, StageRecord][] {
  return Object.entries(record.stages).sort(([, a], [, b]) => a.index - b.index);
}

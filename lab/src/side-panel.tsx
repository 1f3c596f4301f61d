/** steplab's place at the side of JupyterLab: the pipeline and the runs of the current project. */
import { ReactWidget } from "@jupyterlab/ui-components";
import { useState, type ReactElement } from "react";
import { ArchiveList, type ArchiveActions } from "./archive/archive-list.tsx";
import { ArchiveModel } from "./archive/archive-model.ts";
import { PipelinePanel, type PanelActions } from "./pipeline/panel.tsx";
import { PipelineModel } from "./pipeline/pipeline-model.ts";
import type { Project } from "./project/project.ts";

export type SideActions = PanelActions & ArchiveActions;

interface Models {
  pipeline: PipelineModel;
  archive: ArchiveModel;
}

export class SidePanel extends ReactWidget {
  /** What the buttons do in a project. */
  readonly #actionsOf: (project: Project) => SideActions;
  #project: Project | null = null;
  #models: Models | null = null;

  constructor(actionsOf: (project: Project) => SideActions) {
    super();
    this.#actionsOf = actionsOf;
    this.id = "steplab-panel";
    this.addClass("steplab-Panel");
    this.node.setAttribute("aria-label", "steplab");
  }

  /** The models of the project shown; null where there is none. */
  get models(): Models | null {
    return this.#models;
  }

  /** Shows another project, or none. */
  showProject(project: Project | null): void {
    if (project === this.#project) return;
    this.#disposeModels();
    this.#project = project;
    this.#models = project && {
      pipeline: new PipelineModel(project),
      archive: new ArchiveModel(project),
    };
    this.update();
  }

  override dispose(): void {
    this.#disposeModels();
    super.dispose();
  }

  /** Who shows it by a command or a shortcut goes on with the keyboard. */
  protected override onActivateRequest(): void {
    this.node.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus();
  }

  protected override render(): ReactElement {
    if (this.#project === null || this.#models === null) return <NoProject />;
    return (
      <Tabs
        key={this.#project.folder}
        models={this.#models}
        actions={this.#actionsOf(this.#project)}
      />
    );
  }

  #disposeModels(): void {
    this.#models?.pipeline.dispose();
    this.#models?.archive.dispose();
    this.#models = null;
  }
}

function NoProject(): ReactElement {
  return (
    <div className="steplab-Empty">
      <p>No pipeline here: no folder above the one you are in holds a PIPELINE.md.</p>
      <p>
        Make a project in a terminal: <code>npx steplab init</code>
      </p>
    </div>
  );
}

const TABS = ["Pipeline", "Runs"] as const;

function Tabs({ models, actions }: { models: Models; actions: SideActions }): ReactElement {
  const [shown, setShown] = useState<(typeof TABS)[number]>("Pipeline");
  const step = (by: number): void => {
    const next = TABS[(TABS.indexOf(shown) + by + TABS.length) % TABS.length] ?? shown;
    setShown(next);
    document.getElementById(`steplab-tab-${next}`)?.focus();
  };
  return (
    <div className="steplab-Tabs">
      <div role="tablist" aria-label="steplab">
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`steplab-tab-${name}`}
            aria-selected={shown === name}
            aria-controls="steplab-tab-shown"
            tabIndex={shown === name ? 0 : -1}
            onClick={() => setShown(name)}
            onKeyDown={({ key }) => {
              if (key === "ArrowRight") step(1);
              if (key === "ArrowLeft") step(-1);
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id="steplab-tab-shown"
        aria-labelledby={`steplab-tab-${shown}`}
        tabIndex={-1}
      >
        {shown === "Pipeline" ? (
          <PipelinePanel model={models.pipeline} actions={actions} />
        ) : (
          <ArchiveList model={models.archive} actions={actions} />
        )}
      </div>
    </div>
  );
}

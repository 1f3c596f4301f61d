import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
} from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { IStatusBar } from "@jupyterlab/statusbar";
import type { Diagnostic } from "../../../core/diagnostic.ts";
import { IOpenDocuments } from "../judge/open-documents.ts";
import type { ProjectJudge } from "../judge/project-judge.ts";
import { stageIcon } from "../look/icons.ts";
import { explain } from "../marks/explain.ts";
import { showInNotebook, showInText } from "../marks/show-marks.ts";
import { IProjects } from "../project/projects.ts";
import { CountsItem } from "./counts-item.ts";
import { jumpTo } from "./jump.ts";
import { ProblemsPanel } from "./problems-panel.ts";

/** Opens the list; nothing else of the extension needs to know where it lies. */
export const SHOW_PROBLEMS = "steplab:show-problems";

/** Diagnostics: squiggles, the list of them, and their number in the status bar. */
export const problemsPlugin: JupyterFrontEndPlugin<void> = {
  id: "steplab:problems",
  description: "Shows what steplab lint says, in editors and as a list.",
  autoStart: true,
  requires: [IProjects, IOpenDocuments],
  optional: [ILabShell, ICommandPalette, IStatusBar],
  activate: (
    app: JupyterFrontEnd,
    projects: IProjects,
    documents: IOpenDocuments,
    shell: ILabShell | null,
    palette: ICommandPalette | null,
    statusBar: IStatusBar | null,
  ): void => {
    const { commands, serviceManager } = app;
    const current = (): ProjectJudge | null =>
      projects.current === null ? null : documents.judgeOf(projects.current);
    const explainIn =
      (judge: ProjectJudge | null) =>
      (code: string): void => {
        if (judge !== null) void explain(code, judge.project, serviceManager.contents, commands);
      };
    documents.eachNotebook((notebook) => showInNotebook(notebook, explainIn(notebook.judge)));
    documents.eachText((text) => showInText(text, explainIn(text.judge)));

    let panel: ProblemsPanel | null = null;
    const makePanel = (): ProblemsPanel => {
      const made = new ProblemsPanel({
        jump: ({ at }: Diagnostic) => {
          if (projects.current !== null) void jumpTo(at, projects.current, commands);
        },
        explain: (code) => explainIn(current())(code),
      });
      made.disposed.connect(() => (panel = null));
      made.follow(current());
      return made;
    };
    commands.addCommand(SHOW_PROBLEMS, {
      label: "Problems of the Pipeline",
      caption: "What steplab lint says of this project, as a list",
      icon: stageIcon,
      describedBy: { args: { type: "object", properties: {} } },
      execute: () => {
        panel ??= makePanel();
        if (!panel.isAttached) app.shell.add(panel, shell === null ? "main" : "down");
        app.shell.activateById(panel.id);
      },
    });
    palette?.addItem({ command: SHOW_PROBLEMS, category: "steplab" });

    const counts = new CountsItem(() => void commands.execute(SHOW_PROBLEMS));
    statusBar?.registerStatusItem("steplab:counts", {
      item: counts,
      align: "left",
      rank: 90,
      isActive: () => counts.isWanted,
      activeStateChanged: counts.wantedChanged,
    });
    const follow = (): void => {
      panel?.follow(current());
      counts.follow(current());
    };
    projects.currentChanged.connect(follow);
    follow();
  },
};

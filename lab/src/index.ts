/** steplab in JupyterLab: what is loaded into the page. One plugin a line; what each does stands in its folder. */
import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { executorPlugin, guardPlugin } from "./guard/plugin.ts";
import { inputsPlugin } from "./inputs/plugin.ts";
import { judgePlugin } from "./judge/plugin.ts";
import { newStagePlugin } from "./new-stage/plugin.ts";
import { panelsPlugin } from "./panels.ts";
import { problemsPlugin } from "./problems/plugin.ts";
import { projectsPlugin } from "./project/plugin.ts";
import { restoredPlugin } from "./restored/plugin.ts";
import { slotsPlugin } from "./slots/plugin.ts";

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  projectsPlugin,
  judgePlugin,
  problemsPlugin,
  slotsPlugin,
  inputsPlugin,
  executorPlugin,
  guardPlugin,
  newStagePlugin,
  panelsPlugin,
  restoredPlugin,
];

export default plugins;

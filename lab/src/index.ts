/** steplab in JupyterLab: what is loaded into the page. One plugin a line; what each does stands in its folder. */
import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { judgePlugin } from "./judge/plugin.ts";
import { panelsPlugin } from "./panels.ts";
import { problemsPlugin } from "./problems/plugin.ts";
import { projectsPlugin } from "./project/plugin.ts";

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  projectsPlugin,
  judgePlugin,
  problemsPlugin,
  panelsPlugin,
];

export default plugins;

/** steplab in JupyterLab: what is loaded into the page. One plugin a line; what each does stands in its folder. */
import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { panelsPlugin } from "./panels.ts";
import { projectsPlugin } from "./project/plugin.ts";

const plugins: JupyterFrontEndPlugin<unknown>[] = [projectsPlugin, panelsPlugin];

export default plugins;

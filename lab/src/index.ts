/** steplab in JupyterLab: what is loaded into the page. One plugin a line; what each does stands in its folder. */
import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { projectsPlugin } from "./project/plugin.ts";

const plugins: JupyterFrontEndPlugin<unknown>[] = [projectsPlugin];

export default plugins;

/** How JupyterLab looks when it is opened for the first time: the pipeline's document, and its first notebook. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The name that JupyterLab gives the file of the workspace at `/lab`: "default" and four digits of its SHA-256. */
const FILE = "default-37a8.jupyterlab-workspace";

interface Workspace {
  data: {
    "layout-restorer:data"?: { main?: { dock?: unknown; current?: unknown } | null };
    [id: string]: unknown;
  };
}

/** Lays it out unless something was left open there: then that is what shows. */
export function layOut(folder: string, open: { document: string; notebook: string | null }): void {
  const path = join(folder, FILE);
  if (hasOpenWidgets(path)) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, `${JSON.stringify(firstLayout(open), null, 2)}\n`);
}

function hasOpenWidgets(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    const { data } = JSON.parse(readFileSync(path, "utf8")) as Workspace; // JupyterLab's own form
    // Nothing open is the launcher, which is not kept, or no dock at all.
    return JSON.stringify(data["layout-restorer:data"]?.main?.dock ?? "").includes('"widgets":["');
  } catch {
    return false; // a half-written one restores nothing either
  }
}

function firstLayout({
  document,
  notebook,
}: {
  document: string;
  notebook: string | null;
}): Workspace & { metadata: { id: string } } {
  const widgets: [id: string, data: Record<string, string>][] = [
    [`markdownviewer-widget:${document}`, { path: document, factory: "Markdown Preview" }],
    ...(notebook === null
      ? []
      : [
          [`notebook:${notebook}`, { path: notebook, factory: "Notebook" }] as [
            string,
            Record<string, string>,
          ],
        ]),
  ];
  const areas = widgets.map(([id]) => ({ type: "tab-area", currentIndex: 0, widgets: [id] }));
  const dock =
    areas.length === 1
      ? areas[0]
      : {
          type: "split-area",
          orientation: "horizontal",
          sizes: [0.42, 0.58],
          children: areas,
        };
  const current = widgets.at(-1)?.[0];
  return {
    data: {
      "layout-restorer:data": { main: { dock, current } },
      ...Object.fromEntries(widgets.map(([id, data]) => [id, { data }])),
    },
    metadata: { id: "default" },
  };
}

/** Drawn in the colour of the text around them, so that every theme fits. */
import { LabIcon } from "@jupyterlab/ui-components";
import type { Severity } from "../../../core/diagnostic.ts";

function icon(name: string, path: string): LabIcon {
  const svgstr = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16"><g fill="currentColor" fill-rule="evenodd">${path}</g></svg>`;
  return new LabIcon({ name: `steplab:${name}`, svgstr });
}

/** Steps upwards: in places where JupyterLab colours icons itself. */
export const stageIcon = new LabIcon({
  name: "steplab:stage",
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><path class="jp-icon3" fill="#616161" d="M3 21v-5h5v-5h5V6h5V3h3v18z"/></svg>',
});

export const lockIcon = icon(
  "lock",
  '<path d="M5 7V5a3 3 0 0 1 6 0v2h1v7H4V7zm1.5 0h3V5a1.5 1.5 0 0 0-3 0z"/>',
);

const error = icon(
  "error",
  '<path d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM5.3 4.2 4.2 5.3 6.9 8l-2.7 2.7 1.1 1.1L8 9.1l2.7 2.7 1.1-1.1L9.1 8l2.7-2.7-1.1-1.1L8 6.9z"/>',
);
const warning = icon("warning", '<path d="M8 1.5 15.5 15H.5zM7.2 6v5h1.6V6zm0 6v1.6h1.6V12z"/>');
const information = icon(
  "information",
  '<path d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM7.2 7v5h1.6V7zm0-3v1.7h1.6V4z"/>',
);

export const SEVERITY_ICONS: Record<Severity, LabIcon> = { error, warning, information };

/** One for a line of text. */
export function severityIcon(severity: Severity): HTMLElement {
  const node = SEVERITY_ICONS[severity].element({ tag: "span", width: "14px", height: "14px" });
  node.classList.add("steplab-Severity");
  node.dataset["severity"] = severity;
  return node;
}

/** Makes elements of the page. Text is text: nothing that comes from a project is ever read as HTML. */

type Attributes = Record<string, string | boolean>;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string | null)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value === true) node.setAttribute(name, "");
    else if (value !== false) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** A button that looks as JupyterLab's own, or as plain text. */
export function button(
  attributes: Attributes,
  onClick: (event: MouseEvent) => void,
  ...children: (Node | string | null)[]
): HTMLButtonElement {
  const node = element("button", { type: "button", ...attributes }, ...children);
  node.addEventListener("click", onClick);
  return node;
}

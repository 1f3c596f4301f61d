/** An import declaration as a statement that a script can run. */
import type { ImportDeclaration } from "oxc-parser";
import { HELPERS } from "./helper-name.ts";

/**
 * Names become variables of the cell with the values of that moment, not live bindings: a module that
 * re-assigns an export later is seen by importing it again.
 */
export function importStatement(node: ImportDeclaration): string {
  const request = node.source.raw ?? JSON.stringify(node.source.value);
  const names: string[] = [];
  const bindings: string[] = [];
  let namespace: string | undefined;
  for (const specifier of node.specifiers) {
    if (specifier.type === "ImportNamespaceSpecifier") {
      namespace = specifier.local.name;
      continue;
    }
    const name =
      specifier.type === "ImportDefaultSpecifier"
        ? "default"
        : specifier.imported.type === "Literal"
          ? specifier.imported.value
          : specifier.imported.name;
    names.push(name);
    bindings.push(`${JSON.stringify(name)}: ${specifier.local.name}`);
  }
  const options = JSON.stringify({ names, with: attributesOf(node) });
  const call = `await ${HELPERS}.import(${request}, ${options})`;
  // `import d, * as all from "x"`: one call, the namespace first.
  if (namespace !== undefined) {
    const rest = bindings.length > 0 ? `, { ${bindings.join(", ")} } = ${namespace}` : "";
    return `(${namespace} = ${call}${rest});`;
  }
  return bindings.length > 0 ? `({ ${bindings.join(", ")} } = ${call});` : `${call};`;
}

function attributesOf(node: ImportDeclaration): Record<string, string> {
  return Object.fromEntries(
    node.attributes.map(({ key, value }) => [
      key.type === "Identifier" ? key.name : key.value,
      value.value,
    ]),
  );
}

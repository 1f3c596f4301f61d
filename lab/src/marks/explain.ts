/** The page about a code, of the steplab that the project uses. */
import { Notification } from "@jupyterlab/apputils";
import type { CommandRegistry } from "@lumino/commands";
import type { Contents } from "@jupyterlab/services";
import type { Project } from "../project/project.ts";

/** Where a project has them; last, where steplab is the project itself. */
const FOLDERS = ["node_modules/steplab/docs/lint", "docs/lint"];

export async function explain(
  code: string,
  project: Project,
  contents: Contents.IManager,
  commands: CommandRegistry,
): Promise<void> {
  const page = `${code.replaceAll("/", "-")}.md`;
  for (const folder of FOLDERS) {
    const path = await find(project.toServer(folder), page, contents);
    if (path === null) continue;
    await commands.execute("docmanager:open", { path, factory: "Markdown Preview" });
    return;
  }
  Notification.info(
    `There is no page about ${code} in this project. In a terminal: npx steplab lint --explain ${code}`,
  );
}

/** By listing, as a file that is not there would be an error in the server's log. */
async function find(
  folder: string,
  name: string,
  contents: Contents.IManager,
): Promise<string | null> {
  try {
    const { content } = await contents.get(folder, { content: true });
    const found = (content as Contents.IModel[]).find((each) => each.name === name); // a directory's
    return found?.path ?? null;
  } catch {
    return null;
  }
}

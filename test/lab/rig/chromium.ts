/** The Chromium that is installed: none is downloaded. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const PLACES = [
  "/usr/bin/chromium",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** @throws Error saying what to install */
export function findChromium(): string {
  const { CHROMIUM, PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH, PATH = "" } = process.env;
  const named = CHROMIUM ?? PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH;
  if (named !== undefined) {
    if (existsSync(named)) return named;
    throw new Error(`There is no Chromium at ${named}, which the environment names.`);
  }
  const onPath = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const found = [...onPath, ...PLACES].find(existsSync);
  if (found !== undefined) return found;
  throw new Error(
    "test:lab drives JupyterLab in Chromium, and there is none. Install it (Debian and Ubuntu: apt install chromium), or name one in CHROMIUM.",
  );
}

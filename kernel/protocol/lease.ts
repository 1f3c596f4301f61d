/** A kernel lives no longer than who started it: without this, kernels outlive a killed Jupyter Server. */

const POLL_MS = 1000;

/**
 * `STEPLAB_PARENT_PID` (the runner) or `JPY_PARENT_PID` (Jupyter) names the parent where a shell or
 * `npx` stands between; otherwise it is the process that started this one.
 */
export function watchParent(onOrphaned: () => void): void {
  const named = Number(process.env["STEPLAB_PARENT_PID"] ?? process.env["JPY_PARENT_PID"] ?? 0);
  const started = process.ppid;
  const timer = setInterval(() => {
    const orphaned = named > 0 ? !isAlive(named) : process.ppid !== started;
    if (!orphaned) return;
    clearInterval(timer);
    onOrphaned();
  }, POLL_MS);
  timer.unref();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // alive, another user's
  }
}

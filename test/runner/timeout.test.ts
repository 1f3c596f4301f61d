/** Time itself is the one thing that is doubled here. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startTimeout } from "../../runner/execute/timeout.ts";

const DAY_MS = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a stage's timeout may be longer than Node's timers, and comes when it is due", () => {
  const action = vi.fn();
  using _timeout = startTimeout(60 * DAY_MS, action);
  vi.advanceTimersByTime(60 * DAY_MS - 1);
  expect(action).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(action).toHaveBeenCalledOnce();
});

test("a timeout that was disposed never comes, whichever part of it was running", () => {
  const action = vi.fn();
  const timeout = startTimeout(60 * DAY_MS, action);
  vi.advanceTimersByTime(40 * DAY_MS);
  timeout[Symbol.dispose]();
  vi.advanceTimersByTime(40 * DAY_MS);
  expect(action).not.toHaveBeenCalled();
});

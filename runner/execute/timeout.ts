/** Node's timers hold 24.8 days at most, and one that is longer fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls `action` after `ms`, however long that is; disposing it before means never. */
export function startTimeout(ms: number, action: () => void): Disposable {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    const next = Math.min(left, LONGEST_MS);
    timer = setTimeout(() => (left > next ? wait(left - next) : action()), next);
  };
  wait(ms);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

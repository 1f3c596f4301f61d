/** The outside world as an argument: clock, randomness. Tests hand in others; everything else uses `nodeEffects`. */
import { randomBytes } from "node:crypto";

export interface Effects {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
  /** Lowercase hex digits, `bytes` × 2 of them. */
  randomHex(bytes: number): string;
}

/** The real clock and the system's randomness. */
export const nodeEffects: Effects = {
  now: () => Date.now(),
  randomHex: (bytes) => randomBytes(bytes).toString("hex"),
};

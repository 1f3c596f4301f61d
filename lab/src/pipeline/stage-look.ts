/** How a stage looks in a list: one sign, one colour, one phrase. Pure. */
import type { StageView } from "../../../runner/service/protocol.ts";
import type { StageStatus } from "../../../lineage/status.ts";
import type { GlyphName } from "../ui/glyph.tsx";
import type { StageProgress } from "./run-progress.ts";

export interface Look {
  /** For colours: `steplab-Look-…`. */
  name: "good" | "stale" | "bad" | "running" | "quiet";
  glyph: GlyphName;
  /** For who does not see the sign. */
  label: string;
}

export const ENDED: Record<StageStatus, Look> = {
  succeeded: { name: "good", glyph: "check", label: "succeeded" },
  cached: { name: "good", glyph: "check", label: "up to date" },
  failed: { name: "bad", glyph: "cross", label: "failed" },
  "checks-failed": { name: "bad", glyph: "cross", label: "a check failed" },
  "timed-out": { name: "bad", glyph: "cross", label: "timed out" },
  killed: { name: "bad", glyph: "cross", label: "killed" },
  cancelled: { name: "stale", glyph: "dash", label: "cancelled" },
  interrupted: { name: "stale", glyph: "dash", label: "interrupted" },
  "not-run": { name: "quiet", glyph: "dash", label: "did not run" },
};

/** `progress`: of a run that goes on. */
export function lookOf(stage: StageView, progress: StageProgress | undefined): Look {
  if (progress?.status === "running")
    return { name: "running", glyph: "running", label: "running" };
  if (progress !== undefined && progress.status !== "waiting") return ENDED[progress.status];
  if (stage.state === "fresh") return { name: "good", glyph: "check", label: "up to date" };
  const { last } = stage;
  if (last !== null && ENDED[last.status].name === "bad") return ENDED[last.status];
  if (stage.state === null) return { name: "quiet", glyph: "dash", label: "not known" };
  return {
    name: "stale",
    glyph: "stale",
    label: stage.state === "stale" ? "not up to date" : "waits",
  };
}

export function phraseOf(stage: StageView, progress: StageProgress | undefined): string {
  if (progress?.status === "running") {
    const { done, cells, title, work, attempt } = progress;
    const cell = cells === 0 ? "starting" : `cell ${Math.min(done + 1, cells)} of ${cells}`;
    const what = work !== null && work.label !== "" ? work.label : title;
    return `${attempt > 1 ? `attempt ${attempt}, ` : ""}${cell}${what === "" ? "" : `: ${what}`}`;
  }
  if (progress !== undefined && progress.status !== "waiting")
    return (
      progress.message ??
      (progress.status === "not-run" ? (progress.reason ?? "") : ENDED[progress.status].label)
    );
  if (stage.state === "fresh") return "up to date";
  if (stage.last !== null && ENDED[stage.last.status].name === "bad")
    return stage.last.message ?? ENDED[stage.last.status].label;
  return stage.reason === "" ? "" : stage.reason;
}

/** Small signs, drawn as SVG in the text's colour: no font has to have them, and both themes fit. */
import type { ReactElement } from "react";

const PATHS = {
  check: "M3 8.5 L6.5 12 L13 4.5",
  cross: "M4 4 L12 12 M12 4 L4 12",
  dash: "M4 8 L12 8",
  stale: "M8 3 A5 5 0 1 1 3.2 6.5 M3 3 L3.2 6.7 L6.8 6.2",
  running: "M8 2.5 A5.5 5.5 0 0 1 13.5 8",
  run: "M5 3.2 L12.5 8 L5 12.8 Z",
  stop: "M4.5 4.5 H11.5 V11.5 H4.5 Z",
  chevron: "M6 4 L10 8 L6 12",
} as const;

export type GlyphName = keyof typeof PATHS;

interface GlyphProps {
  name: GlyphName;
  /** What it says to who does not see it; without it, it says nothing. */
  label?: string;
  className?: string;
}

export function Glyph({ name, label, className = "" }: GlyphProps): ReactElement {
  return (
    <svg
      className={`steplab-Glyph steplab-Glyph-${name} ${className}`}
      viewBox="0 0 16 16"
      width="14"
      height="14"
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

/** A button: a word, and where it matters a sign. */
import type { ReactElement } from "react";
import { Glyph, type GlyphName } from "./glyph.tsx";

interface ButtonProps {
  glyph?: GlyphName;
  label: string;
  title?: string;
  disabled?: boolean;
  primary?: boolean;
  onClick: () => void;
}

export function Button({
  glyph,
  label,
  title,
  disabled,
  primary,
  onClick,
}: ButtonProps): ReactElement {
  return (
    <button
      type="button"
      className={`steplab-Button${primary === true ? " steplab-mod-primary" : ""}`}
      title={title}
      disabled={disabled}
      onClick={onClick}
    >
      {glyph !== undefined && <Glyph name={glyph} />}
      {label}
    </button>
  );
}

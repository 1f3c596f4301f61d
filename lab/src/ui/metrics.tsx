/** Metrics as name and value, the value in four digits with its unit. */
import type { ReactElement } from "react";

interface MetricsProps {
  /** By the name that is shown when a person points at it: `train.validMae`; its last part is written. */
  metrics: readonly { name: string; value: number; unit: string | null }[];
}

/** Nothing where there is none. */
export function Metrics({ metrics }: MetricsProps): ReactElement | null {
  if (metrics.length === 0) return null;
  return (
    <dl className="steplab-Metrics">
      {metrics.map(({ name, value, unit }) => (
        <div key={name} title={name}>
          <dt>{name.slice(name.indexOf(".") + 1)}</dt>
          <dd>
            {value.toLocaleString("en", { maximumSignificantDigits: 4 })}
            {unit !== null && ` ${unit}`}
          </dd>
        </div>
      ))}
    </dl>
  );
}

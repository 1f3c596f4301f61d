/** A form made of a stage's contract: one field a parameter, what differs from the document goes with the run. */
import { useId, useState, type ReactElement } from "react";
import type { Json } from "../../../core/json.ts";
import type { ParameterView } from "../../../runner/service/protocol.ts";
import { controlOf, textOf, valueOf } from "./parameter-input.ts";

interface ParameterFormProps {
  stage: string;
  parameters: readonly ParameterView[];
  /** By `stage.name`, only what was changed; `sound`: whether all that was typed is a value. */
  onChange: (values: Record<string, Json>, sound: boolean) => void;
}

export function ParameterForm({ stage, parameters, onChange }: ParameterFormProps): ReactElement {
  const [typed, setTyped] = useState<Record<string, string>>({});
  const change = (name: string, text: string | null): void => {
    const { [name]: _before, ...rest } = typed;
    const next = text === null ? rest : { ...rest, [name]: text };
    setTyped(next);
    const values: Record<string, Json> = {};
    let sound = true;
    for (const { name: each, shape } of parameters) {
      const value = next[each] === undefined ? "unset" : valueOf(shape, next[each]);
      if (value === "unset") continue;
      if ("problem" in value) sound = false;
      else values[`${stage}.${each}`] = value.value;
    }
    onChange(values, sound);
  };
  return (
    <fieldset className="steplab-Form">
      <legend>Parameters of the next run</legend>
      {parameters.map((parameter) => (
        <Field
          key={parameter.name}
          parameter={parameter}
          text={typed[parameter.name] ?? null}
          onChange={(text) => change(parameter.name, text)}
        />
      ))}
    </fieldset>
  );
}

interface FieldProps {
  parameter: ParameterView;
  /** What was typed; null where nothing was. */
  text: string | null;
  onChange: (text: string | null) => void;
}

function Field({ parameter, text, onChange }: FieldProps): ReactElement {
  const { name, shape, value, from } = parameter;
  const id = useId();
  const control = controlOf(shape);
  const known = textOf(shape, value);
  const shown = text ?? known;
  const read = text === null ? "unset" : valueOf(shape, text);
  const problem = read !== "unset" && "problem" in read ? read.problem : null;
  const common = { id, "aria-describedby": `${id}-note`, "aria-invalid": problem !== null };
  return (
    <div className={`steplab-Field${text === null ? "" : " steplab-mod-changed"}`}>
      <label htmlFor={id} title={shape.description}>
        {name}
      </label>
      <div>
        {control.kind === "checkbox" ? (
          <input
            {...common}
            type="checkbox"
            checked={shown === "true"}
            onChange={(event) => onChange(String(event.target.checked))}
          />
        ) : control.kind === "select" ? (
          <select {...common} value={shown} onChange={(event) => onChange(event.target.value)}>
            {control.values.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        ) : (
          <input
            {...common}
            type={control.kind === "number" ? "number" : "text"}
            {...(control.kind === "number" && {
              min: control.min,
              max: control.max,
              step: control.step,
            })}
            placeholder={control.kind === "text" ? control.placeholder : ""}
            spellCheck={false}
            value={shown}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
        {text !== null && (
          <button
            type="button"
            className="steplab-Link"
            title={`Back to ${known}`}
            onClick={() => onChange(null)}
          >
            undo
          </button>
        )}
      </div>
      <small id={`${id}-note`} className={problem === null ? "steplab-Quiet" : "steplab-mod-bad"}>
        {problem ?? noteOf(shape.description, from)}
      </small>
    </div>
  );
}

function noteOf(description: string | undefined, from: ParameterView["from"]): string {
  if (from === "nobody")
    return description === undefined ? "must be given" : `${description}; must be given`;
  return description ?? (from === "document" ? "from PIPELINE.md" : "the default");
}

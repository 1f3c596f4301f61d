/** `a.model({ input, output })`: a fitted chain of transformers with its signature. The format is `stage/transform/`'s. */
import type { z } from "zod";
import type { Port } from "../../core/contract.ts";
import type { Json } from "../../core/json.ts";
import { bindingOf } from "../bind.ts";
import type { InputKind, OutputKind } from "../contract/ports.ts";
import { columnsOf } from "../contract/shape-of.ts";
import { publish, type Published } from "../publish.ts";
import { currentSession } from "../session.ts";
import type { AboutModel, LoadedModel } from "../transform/model-file.ts";
import type { Model } from "../transform/types.ts";
import type { RowOf } from "./table-kind.ts";

/** A model as it was stored. */
export interface ModelInput<I extends object, O extends object> {
  /** Loads data and finds the code in the project; another version of the code is refused. */
  load(): Promise<LoadedModel<I, O>>;
  /** Absolute path of the stored folder; read-only. */
  path(): Promise<string>;
}

/** What an output declared with `a.model(…)` takes. */
export interface ModelOutput<I extends object, O extends object> {
  /** `about.example`: a few rows it can be asked with; what it answers is stored beside them. */
  write(model: Model<I, O>, about: AboutModel<I>): Promise<void>;
}

export interface ModelKind<I extends z.ZodObject, O extends z.ZodObject>
  extends InputKind<ModelInput<RowOf<I>, RowOf<O>>>, OutputKind<ModelOutput<RowOf<I>, RowOf<O>>> {
  from(reference: string): ModelKind<I, O>;
}

export interface Signature<I extends z.ZodObject, O extends z.ZodObject> {
  /** The columns it needs. */
  input: I;
  /** The columns it adds. */
  output: O;
}

/** See `a.model`. */
export function modelKind<I extends z.ZodObject, O extends z.ZodObject>(
  signature: Signature<I, O>,
  from?: string,
): ModelKind<I, O> {
  const input = columnsOf(signature.input);
  const output = columnsOf(signature.output);
  const port: Port & { kind: "model" } = {
    kind: "model",
    input,
    output,
    ...(from !== undefined && { from }),
  };
  return {
    port,
    from: (reference) => modelKind(signature, reference),
    input: (name) => ({
      load: async () => {
        const { path } = await bindingOf(name, port);
        const { loadModel } = await import("../transform/model-file.ts");
        const { projectRoot } = currentSession();
        return loadModel<RowOf<I>, RowOf<O>>(path, port, { projectRoot });
      },
      path: async () => (await bindingOf(name, port)).path,
    }),
    output: (name) => ({
      write: (model, about) =>
        publish(name, async (place): Promise<Published> => {
          const { writeModel } = await import("../transform/model-file.ts");
          const { path, staged } = place("");
          await writeModel(model, about, port, path);
          const schema = { input, output } as unknown as Json; // columns are plain JSON
          const mediaType = "application/vnd.steplab.model+json";
          return { kind: "model", mediaType, staged, schema, summary: { use: about.use } };
        }),
    }),
  };
}

/**
 * What most notebooks never call, loaded by its first call: storing, packing and loading models are eight modules
 * that every stage would pay for with its start (15 ms of 30).
 */
type Bundle = typeof import("./bundle.ts");
type ModelFile = typeof import("./model-file.ts");

/**
 * Packs a stored model and the compiled modules behind it into a folder that `loadBundle` can load where the
 * project is not:
 *
 *     const model = await input.model.load();
 *     await bundle(model, await output.bundle.path());
 *
 * @returns its files, bytes and the packages it needs
 * @throws StepLabError `model/code-changed` when the project's code is no longer the model's
 */
export const bundle: Bundle["bundle"] = async (model, folder, options) =>
  (await import("./bundle.ts")).bundle(model, folder, options);

/**
 * Loads a bundle; every module's bytes are compared with its digest before any is imported.
 *
 *     const model = await loadBundle(await input.bundle.path());
 *     const answers = await model.apply([{ sky: "clear", morning: 8 }]);
 *
 * @throws StepLabError `model/damaged`, `model/package-missing`, and what `loadModel` throws
 */
export const loadBundle: Bundle["loadBundle"] = async (folder, port) =>
  (await import("./bundle.ts")).loadBundle(folder, port);

/**
 * Loads a stored model (a folder with a model.json) with the project's code; a stage reads its model inputs with
 * `input.model.load()`.
 *
 * @throws StepLabError `model/code-changed` naming the module and both digests; `model/code-missing`,
 *   `model/damaged`, `model/signature`
 */
export const loadModel: ModelFile["loadModel"] = async (path, port, options) =>
  (await import("./model-file.ts")).loadModel(path, port, options);

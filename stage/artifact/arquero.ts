/** Arquero, loaded when the first table is made: 60 ms that a stage without tables does not pay. */
import { createRequire } from "node:module";

type Arquero = typeof import("arquero");

let loaded: Arquero | undefined;

/** Synchronous, because `table(rows)` is; Node loads ES modules through `require` since version 22. */
export function arquero(): Arquero {
  loaded ??= createRequire(import.meta.url)("arquero") as Arquero; // require is untyped
  return loaded;
}

/** What the example is about: three shapes, how they are drawn, and the tables that say what is drawn where. */
import { z } from "steplab";
import type { Pixels } from "steplab";

export const SHAPES = ["circle", "square", "triangle"] as const;
export const Shape = z.enum(SHAPES);
export type Shape = z.infer<typeof Shape>;

/** One row an image; the file lies in the folder beside. */
export const Label = z.object({ path: z.string(), shape: Shape });

/** Side of every image, in pixels. */
export const SIDE = 32;

/**
 * One shape, white on black, somewhere, of some size, turned, with noise over it.
 * @param random uniform in [0, 1): in a stage `Math.random`, which is seeded
 */
export function draw(shape: Shape, noise: number, random: () => number): Pixels {
  const radius = SIDE * (0.22 + 0.16 * random());
  const [x, y] = [0, 0].map(() => SIDE / 2 + (random() - 0.5) * (SIDE - 2 * radius));
  const turn = random() * 2 * Math.PI;
  const data = new Uint8Array(SIDE * SIDE);
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++) {
      const inside = isInside(
        shape,
        (column + 0.5 - (x ?? 0)) / radius,
        (row + 0.5 - (y ?? 0)) / radius,
        turn,
      );
      const light = (inside ? 0.8 : 0.1) + noise * (random() - 0.5) * 2;
      data[row * SIDE + column] = Math.round(255 * Math.min(1, Math.max(0, light)));
    }
  return { width: SIDE, height: SIDE, data };
}

/** Coordinates in units of the radius of the circle around the shape. */
function isInside(shape: Shape, x: number, y: number, turn: number): boolean {
  if (shape === "circle") return x * x + y * y < 1;
  const corners = shape === "square" ? 4 : 3;
  const apothem = Math.cos(Math.PI / corners);
  for (let side = 0; side < corners; side++) {
    const angle = turn + (2 * Math.PI * side) / corners;
    if (x * Math.cos(angle) + y * Math.sin(angle) > apothem) return false;
  }
  return true;
}

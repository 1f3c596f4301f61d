/** A column as arquero keeps it: an array, a typed array, or anything with `length` and `at`. */
export interface Column {
  readonly length: number;
  at(index: number): unknown;
}

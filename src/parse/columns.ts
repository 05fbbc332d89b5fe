/** Columns of numbers that no header names: what they are shows in how they grow. */

/** Whether times never go back: such a column counts from a beginning, another one from line to line. */
export function isMonotone(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value >= values[index - 1]!);
}

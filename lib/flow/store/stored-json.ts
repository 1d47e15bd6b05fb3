export const isHash = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a value says of an output, or of a file in a folder, what its bytes are. */
export function isOutput(value: unknown): boolean {
  if (!isObject(value) || !isHash(value.hash) || typeof value.bytes !== 'number') return false;
  if (value.files === undefined) return true;
  return isObject(value.files) && Object.values(value.files).every(isOutput);
}

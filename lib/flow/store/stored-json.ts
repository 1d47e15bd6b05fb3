export const isHash = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a value is a stored output, or a file in a folder: an object with a hash and a number of bytes. */
export function isOutput(value: unknown): boolean {
  if (!isObject(value) || !isHash(value.hash) || typeof value.bytes !== 'number') return false;
  if (value.files === undefined) return true;
  return isObject(value.files) && Object.values(value.files).every(isOutput);
}

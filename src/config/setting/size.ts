const UNIT_BYTES = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 } as const;
const SHAPE = /^(\d{1,12})(B|KB|MB|GB)$/;

/** Bytes of `512KB`, `64MB` or `1GB`, where 1 KB is 1024 bytes; null for any other text. Whole numbers only. */
export function parseSize(text: string): number | null {
  const match = SHAPE.exec(text);
  if (match === null) return null;
  const [, amount, unit] = match;
  const bytes = Number(amount) * UNIT_BYTES[unit as keyof typeof UNIT_BYTES];
  return Number.isSafeInteger(bytes) ? bytes : null;
}

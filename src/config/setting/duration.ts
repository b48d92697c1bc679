const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const UNITS = ['d', 'h', 'm', 's', 'ms'] as const;
const SHAPE = /^(\d{1,12})(ms|s|m|h|d)$/;

/** Milliseconds of `500ms`, `30s`, `5m`, `2h` or `1d`; null for any other text. Whole numbers only, one unit only. */
export function parseDuration(text: string): number | null {
  const match = SHAPE.exec(text);
  if (match === null) return null;
  const [, amount, unit] = match;
  return Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** The shortest text that {@link parseDuration} reads as `durationMs`, a whole number of 0 or more. */
export function formatDuration(durationMs: number): string {
  const unit = UNITS.find(
    (candidate) => durationMs >= UNIT_MS[candidate] && durationMs % UNIT_MS[candidate] === 0,
  );
  return unit === undefined ? `${durationMs}ms` : `${durationMs / UNIT_MS[unit]}${unit}`;
}

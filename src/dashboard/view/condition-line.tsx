import type { Traffic } from '../../http/api/contract/traffic.ts';
import { formatAge } from '../words/durations.ts';
import { NameText } from './name-text.tsx';

/** How a part fares by its own account. */
export function ConditionLine({
  condition,
  nowMs,
}: {
  readonly condition: Traffic['sink']['condition'];
  readonly nowMs: number;
}) {
  if (condition.state === 'ok') return <span class="healthy">✓ healthy</span>;
  return (
    <span class="bad">
      ✕ since {formatAge(condition.sinceMs, nowMs).replace(' ago', '')}:{' '}
      <NameText name={condition.reason} mostCharacters={600} />
    </span>
  );
}

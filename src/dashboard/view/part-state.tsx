import { NameText } from './name-text.tsx';
import { Since } from './moment.tsx';

/** The state of a part, in words, with a sign, so that nothing depends on colour alone. */
const STATES = {
  ok: { sign: '✓', words: 'healthy', class: 'healthy' },
  degraded: { sign: '!', words: 'degraded', class: 'troubled' },
  unavailable: { sign: '✕', words: 'unavailable', class: 'bad' },
  faulty: { sign: '✕', words: 'faulty', class: 'bad' },
} as const;

export interface PartStateProps {
  readonly state: keyof typeof STATES;
  readonly sinceMs: number;
  readonly nowMs: number;
  /** Cause and remedy. */
  readonly reason?: string | undefined;
}

/** Whether a part is healthy, for how long, and if it is not, why. */
export function PartState({ state, sinceMs, nowMs, reason }: PartStateProps) {
  const { sign, words, class: classes } = STATES[state];
  return (
    <span class="part-state">
      <strong class={classes}>
        {sign} {words}
      </strong>{' '}
      <span class="quiet">
        for <Since sinceMs={sinceMs} nowMs={nowMs} />
      </span>
      {reason !== undefined && (
        <span class={`reason ${classes}`}>
          <NameText name={reason} mostCharacters={600} />
        </span>
      )}
    </span>
  );
}

import type { Overview } from '../../http/api/contract/overview.ts';
import { TimeOfDay } from '../view/moment.tsx';

/** How far the history of before the start is known; nothing where all of it is, or where the start is long ago. */
export function RecallLine({ overview }: { readonly overview: Overview | null }) {
  const recall = overview?.history.recall ?? null;
  if (overview === null || recall === null || recall.state === 'complete') return null;
  const { history, startedAtMs, nowMs } = overview;
  if (nowMs - startedAtMs > history.steps * history.stepMs) return null;
  if (recall.state === 'reading') {
    return (
      <p class="quiet" role="status">
        The last hour is being read back from the topic: {Math.round(recall.share * 100)} %.
      </p>
    );
  }
  return (
    <p class="quiet">
      What was before <TimeOfDay atMs={recall.sinceMs ?? startedAtMs} /> was not read back: {recall.reason}.
    </p>
  );
}

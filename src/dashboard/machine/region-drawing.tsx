import { useMemo } from 'preact/hooks';
import type { MachineRegion } from '../../http/api/contract/machine.ts';
import { formatNumber } from '../../words/numbers.ts';
import { LINE_PIXELS } from './place-label.ts';
import { BOX, layOutRegion, type PlacedArrow, type PlacedState } from './region-layout.ts';

/** A drawing of one region as it is declared, with the number of series in each state. */
export function RegionDrawing({ region, twins }: { readonly region: MachineRegion; readonly twins: number }) {
  const shape = JSON.stringify([region.initial, region.transitions, region.states.map(({ id }) => id)]);
  const layout = useMemo(() => layOutRegion(region), [shape]);
  const counts = new Map(region.states.map((state) => [state.id, state.twins]));
  const spoken = region.states.map((state) => `${formatNumber(state.twins)} ${state.id}`).join(', ');
  const arrowHead = `arrow-${region.id}`;
  return (
    <svg
      class="machine"
      style={{ maxWidth: `${layout.width}px` }}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      role="img"
      aria-label={`Region ${region.id}: ${spoken}. The transitions are in the table below.`}
    >
      <defs>
        <marker
          id={arrowHead}
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto-start-reverse"
        >
          <path d="M0 0.500 L8 4 L0 7.500 Z" />
        </marker>
      </defs>
      {layout.arrows.map(({ from, to, path }) => (
        <path key={`${from}\n${to}`} class="machine-arrow" d={path} marker-end={`url(#${arrowHead})`} />
      ))}
      {layout.states.map((state) => (
        <State
          key={state.id}
          state={state}
          isInitial={state.id === region.initial}
          count={counts.get(state.id) ?? 0}
          twins={twins}
        />
      ))}
      {layout.arrows.map((arrow) => (
        <Events key={`${arrow.from}\n${arrow.to}`} arrow={arrow} />
      ))}
    </svg>
  );
}

function State({
  state,
  isInitial,
  count,
  twins,
}: {
  readonly state: PlacedState;
  readonly isInitial: boolean;
  readonly count: number;
  readonly twins: number;
}) {
  const left = state.x - BOX.width / 2;
  const top = state.y - BOX.height / 2;
  const part = twins === 0 ? 0 : count / twins;
  return (
    <g class={`machine-state ${count === 0 ? 'machine-empty' : ''}`}>
      {isInitial && (
        <rect
          class="machine-initial"
          x={left - 4}
          y={top - 4}
          width={BOX.width + 8}
          height={BOX.height + 8}
          rx={13}
        />
      )}
      <rect class="machine-box" x={left} y={top} width={BOX.width} height={BOX.height} rx={9} />
      <rect
        class="machine-part"
        x={left + 12}
        y={top + BOX.height - 9}
        width={Math.max(count > 0 ? 2 : 0, part * (BOX.width - 24))}
        height={3}
        rx={1.5}
      />
      <text class="machine-name" x={state.x} y={top + 20}>
        {state.id}
      </text>
      <text class="machine-count" x={state.x} y={top + 44}>
        {formatNumber(count)}
      </text>
    </g>
  );
}

function Events({ arrow }: { readonly arrow: PlacedArrow }) {
  const { x, y, lines } = arrow.label;
  const top = y - ((lines.length - 1) * LINE_PIXELS) / 2 + 4;
  return (
    <text class="machine-label">
      {lines.map((line, index) => (
        <tspan key={line} x={x} y={top + index * LINE_PIXELS}>
          {line}
        </tspan>
      ))}
    </text>
  );
}

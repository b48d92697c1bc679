import type { MachineRegion } from '../../http/api/contract/machine.ts';
import { placeLabel, type Label, type Rectangle } from './place-label.ts';

/** A state and the middle of its box. */
export interface PlacedState {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

/** All transitions from one state to another, as one arrow. */
export interface PlacedArrow {
  readonly from: string;
  readonly to: string;
  /** The events that take it, each followed by its guard in brackets. */
  readonly events: readonly string[];
  /** The `d` of an SVG path. */
  readonly path: string;
  /** The text of its events. */
  readonly label: Label;
}

export interface RegionLayout {
  readonly width: number;
  readonly height: number;
  readonly states: readonly PlacedState[];
  readonly arrows: readonly PlacedArrow[];
}

/** The curve of an arrow. */
interface Course {
  readonly path: string;
  /** The point after this part of its length, 0 to 1. */
  readonly at: (part: number) => Point;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The size of a state's box, in pixels. */
export const BOX = { width: 152, height: 60 } as const;
const COLUMN_WIDTH = 316;
const ROW_HEIGHT = 250;
const MARGIN = { x: 26, y: 92 } as const;
/** How far an arrow bends to its left, so that the one back has room. */
const BEND = 46;

/**
 * Places the states and arrows of a region. The column of a state is the number of transitions from the first state to
 * it; the rows of a column follow the declaration.
 */
export function layOutRegion(region: MachineRegion): RegionLayout {
  const columns = columnsOf(region);
  const rows = Math.max(...columns.map(({ length }) => length));
  const width = 2 * MARGIN.x + BOX.width + (columns.length - 1) * COLUMN_WIDTH;
  const height = 2 * MARGIN.y + BOX.height + (rows - 1) * ROW_HEIGHT;
  const places = new Map<string, PlacedState>();
  for (const [column, ids] of columns.entries()) {
    const top = height / 2 - ((ids.length - 1) * ROW_HEIGHT) / 2;
    for (const [row, id] of ids.entries()) {
      places.set(id, { id, x: MARGIN.x + BOX.width / 2 + column * COLUMN_WIDTH, y: top + row * ROW_HEIGHT });
    }
  }
  const taken: Rectangle[] = [...places.values()].map(({ x, y }) => ({ x, y, ...BOX }));
  const arrows = pairsOf(region).flatMap(({ from, to, events }) => {
    const source = places.get(from);
    const target = places.get(to);
    if (source === undefined || target === undefined) return [];
    const { path, at } = from === to ? loopAt(source) : curve(source, target, height);
    const label = placeLabel(events, at, taken);
    taken.push(label);
    return { from, to, events, path, label };
  });
  return { width, height, states: [...places.values()], arrows };
}

function columnsOf({ initial, states, transitions }: MachineRegion): string[][] {
  const distance = new Map([[initial, 0]]);
  // The loop also visits what is added to the map meanwhile.
  for (const [id, steps] of distance) {
    for (const { from, to } of transitions) {
      if (from === id && !distance.has(to)) distance.set(to, steps + 1);
    }
  }
  const last = Math.max(...distance.values());
  const columns: string[][] = Array.from({ length: last + 1 }, () => []);
  for (const { id } of states) columns[distance.get(id) ?? last]?.push(id);
  return columns;
}

function pairsOf({ transitions }: MachineRegion): { from: string; to: string; events: string[] }[] {
  const pairs = new Map<string, { from: string; to: string; events: string[] }>();
  for (const { from, to, event, guard } of transitions) {
    const key = `${from}\n${to}`;
    const pair = pairs.get(key) ?? { from, to, events: [] };
    pair.events.push(guard === null ? event : `${event} [${guard}]`);
    pairs.set(key, pair);
  }
  // The label of a loop has one possible place only, so it is placed first.
  return [...pairs.values()].sort((a, b) => Number(b.from === b.to) - Number(a.from === a.to));
}

function loopAt({ x, y }: Point): Course {
  const top = y - BOX.height / 2;
  return {
    path: `M${x - 24} ${top}C${x - 44} ${top - 48} ${x + 44} ${top - 48} ${x + 24} ${top}`,
    at: () => ({ x, y: top - 48 }),
  };
}

/** A curve that bends to the left; over several columns it goes around everything between. */
function curve(source: Point, target: Point, height: number): Course {
  const across = { x: target.x - source.x, y: target.y - source.y };
  const length = Math.hypot(across.x, across.y);
  const middle = { x: source.x + across.x / 2, y: source.y + across.y / 2 };
  const isFar = Math.abs(across.x) > COLUMN_WIDTH * 1.5;
  const edge = source.y < height / 2 ? -height * 0.18 : height * 1.18;
  const bend = isFar
    ? { x: source.x - Math.sign(source.x - target.x) * COLUMN_WIDTH * 0.85, y: edge }
    : { x: middle.x + (across.y / length) * 2 * BEND, y: middle.y - (across.x / length) * 2 * BEND };
  const start = edgeOf(source, bend);
  const end = edgeOf(target, bend);
  const on = (part: number, of: 'x' | 'y'): number =>
    (1 - part) ** 2 * start[of] + 2 * part * (1 - part) * bend[of] + part ** 2 * end[of];
  return {
    path: `M${round(start.x)} ${round(start.y)}Q${round(bend.x)} ${round(bend.y)} ${round(end.x)} ${round(end.y)}`,
    at: (part) => ({ x: round(on(part, 'x')), y: round(on(part, 'y')) }),
  };
}

/** The point where the line from the middle of a box towards another point leaves the box. */
function edgeOf(middle: Point, towards: Point): Point {
  const x = towards.x - middle.x;
  const y = towards.y - middle.y;
  const scale = Math.min(
    (BOX.width / 2 + 5) / Math.max(Math.abs(x), 0.001),
    (BOX.height / 2 + 5) / Math.max(Math.abs(y), 0.001),
  );
  return { x: middle.x + x * scale, y: middle.y + y * scale };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

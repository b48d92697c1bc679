import { describe, expect, test } from 'vitest';
import { BOX, layOutRegion } from '../../src/dashboard/machine/region-layout.ts';
import { declareTwinMachine } from '../../src/series/twin-declaration.ts';

describe.each(declareTwinMachine().regions)('given the region $id as it is declared', (declared) => {
  const region = {
    ...declared,
    states: declared.states.map((id) => ({ id, twins: 0 })),
    transitions: declared.transitions.map((each) => ({ ...each, actions: [...each.actions] })),
  };
  const { states, arrows, width, height } = layOutRegion(region);

  test('when it is laid out, then each state has a box of its own within the drawing', () => {
    expect(states.map(({ id }) => id).sort()).toEqual([...declared.states].sort());
    for (const a of states) {
      expect(a.x - BOX.width / 2).toBeGreaterThan(0);
      expect(a.x + BOX.width / 2).toBeLessThan(width);
      expect(a.y - BOX.height / 2).toBeGreaterThan(0);
      expect(a.y + BOX.height / 2).toBeLessThan(height);
      for (const b of states) {
        if (a === b) continue;
        expect(Math.abs(a.x - b.x) >= BOX.width || Math.abs(a.y - b.y) >= BOX.height).toBe(true);
      }
    }
  });

  test('when it is laid out, then each transition is at the arrow of its two states, within the drawing', () => {
    const shown = arrows.flatMap(({ from, to, events }) => events.map((event) => `${from} ${event} ${to}`));
    const asDeclared = declared.transitions.map(
      ({ from, event, guard, to }) => `${from} ${event}${guard === null ? '' : ` [${guard}]`} ${to}`,
    );
    expect([...shown].sort()).toEqual([...asDeclared].sort());
    for (const { path, label } of arrows) {
      expect(path).not.toContain('NaN');
      expect(label.x > 0 && label.x < width && label.y > 0 && label.y < height).toBe(true);
    }
  });

  test('when it is laid out, then no text covers another, nor a box', () => {
    const boxes = states.map(({ x, y }) => ({ x, y, ...BOX }));
    for (const [index, { label }] of arrows.entries()) {
      for (const other of [...boxes, ...arrows.slice(0, index).map((each) => each.label)]) {
        const isApart =
          Math.abs(label.x - other.x) >= (label.width + other.width) / 2 ||
          Math.abs(label.y - other.y) >= (label.height + other.height) / 2;
        expect([label.lines, isApart]).toEqual([label.lines, true]);
      }
    }
  });
});

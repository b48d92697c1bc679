import { readFileSync } from 'node:fs';
import { table } from './table.ts';

/** The parts of a `.cpuprofile` that are read; see the DevTools protocol, `Profiler.Profile`. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

const FUNCTIONS = 30;
const IDLE = ['(idle)', '(program)', '(root)'];

/** Where the time of a profiled process went: by package or folder, and the functions with the most self time. */
export function summariseProfile(file: string): string {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
  const selfMicros = new Map<number, number>();
  for (const [index, id] of profile.samples.entries()) {
    selfMicros.set(id, (selfMicros.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
  const byFunction = new Map<string, number>();
  const byPlace = new Map<string, number>();
  let busyMicros = 0;
  for (const { id, callFrame } of profile.nodes) {
    const micros = selfMicros.get(id) ?? 0;
    const { functionName, url, lineNumber } = callFrame;
    if (micros === 0 || IDLE.includes(functionName)) continue;
    busyMicros += micros;
    const name = functionName === '' ? '(anonymous)' : functionName;
    const where = shortPath(url);
    const function_ = where === '' ? name : `${name}  ${where}:${lineNumber + 1}`;
    byFunction.set(function_, (byFunction.get(function_) ?? 0) + micros);
    const place = placeOf(where, functionName);
    byPlace.set(place, (byPlace.get(place) ?? 0) + micros);
  }
  const rows = (times: ReadonlyMap<string, number>, most: number): string =>
    table(
      [...times]
        .sort(([, a], [, b]) => b - a)
        .slice(0, most)
        .map(([what, micros]) => [`${((100 * micros) / busyMicros).toFixed(1).padStart(5)} %`, what]),
    );
  return `self time by place\n${rows(byPlace, FUNCTIONS)}\n\nself time by function\n${rows(byFunction, FUNCTIONS)}`;
}

/** From the package or the folder of ours on. */
function shortPath(url: string): string {
  return url.replace(/^.*\/node_modules\//u, '').replace(/^file:.*\/(dist\/)/u, '$1');
}

/** A package, a folder of ours, a module of Node's, or the engine itself. */
function placeOf(path: string, functionName: string): string {
  if (path === '') return functionName === '(garbage collector)' ? functionName : '(native code)';
  if (path.startsWith('node:')) return path;
  const [first = '', second = '', third = ''] = path.split('/');
  if (first === 'dist') return third === 'kafka' ? `dist/${second}/${third}` : `dist/${second}`;
  return first.startsWith('@') ? `${first}/${second}` : first;
}

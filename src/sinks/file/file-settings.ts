import type { Judge } from '../../config/setting/judge.ts';
import { optionalText } from '../../config/setting/setting.ts';
import type { SinkSettings } from '../sink-kind.ts';

const FILE = ['sink', 'file'];

export interface FileConfiguration {
  /** Absolute; '' unless the sink is file. */
  readonly path: string;
}

/** What of the settings decides on these. */
interface Given {
  readonly sink: { readonly type: string; readonly file?: string | undefined };
}

function resolve(judge: Judge, { sink }: Given): { readonly file: FileConfiguration } {
  if (sink.type !== 'file') return { file: { path: '' } };
  if (sink.file !== undefined) return { file: { path: judge.locate(FILE, sink.file) } };
  judge.report(FILE, 'must be set for sink file', 'such as sink.file: lag.txt', ['sink', 'type']);
  return { file: { path: '' } };
}

export const fileSettings = {
  sections: {},
  sinkKeys: {
    file: optionalText('path', { description: 'For sink file: the file or named pipe to append to' }),
  },
  resolve,
} satisfies SinkSettings;

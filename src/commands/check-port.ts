import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';
import type { Configuration } from '../config/configuration.ts';
import { tryToListen } from '../http/listen.ts';
import { found, type Finding } from '../platform/finding.ts';
import { hasCode } from '../platform/rainbow-error.ts';

const TIMEOUT_MS = 2000;
const MOST_BYTES = 64 * 1024;

/** Whether `run` could listen. Where it cannot, because a sidecar already does, that is most likely the one that is meant. */
export async function checkPort({ host, port, tls }: Configuration['http']): Promise<Finding> {
  const subject = `HTTP port ${port}`;
  try {
    await tryToListen({ host, port });
    return found('ok', subject, port === 0 ? 'is any free one' : 'is free');
  } catch (error) {
    if (!hasCode(error, 'HTTP_LISTEN')) throw error;
    if (await isSidecar({ host, port, isSecure: tls !== null })) {
      const message = 'is in use by a sidecar that runs here; a second one needs another http.port';
      return found('warn', subject, message);
    }
    return found('fail', subject, error.message);
  }
}

/** Whether what listens there answers as a sidecar does. Its certificate does not matter: nothing secret is sent to it. */
function isSidecar(at: {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
}): Promise<boolean> {
  const host = ['', '::', '0.0.0.0'].includes(at.host) ? 'localhost' : at.host;
  const request = { host, port: at.port, path: '/live', timeout: TIMEOUT_MS, agent: false };
  return new Promise((resolve) => {
    const get = at.isSecure ? getSecure : getPlain;
    const sent = get({ ...request, rejectUnauthorized: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.length > MOST_BYTES) sent.destroy();
      });
      response.on('end', () => resolve(isLiveReport(text)));
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(false));
    sent.on('close', () => resolve(false));
  });
}

function isLiveReport(text: string): boolean {
  try {
    const report: unknown = JSON.parse(text);
    return typeof report === 'object' && report !== null && 'version' in report && 'phase' in report;
  } catch {
    return false;
  }
}

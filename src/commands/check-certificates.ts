import { readFileSync } from 'node:fs';
import type { Configuration } from '../config/configuration.ts';
import { parseCertificates } from '../config/setting/resolve-tls.ts';
import type { SettingPath } from '../config/setting/setting.ts';
import { settingAt, showPath } from '../config/settings-list.ts';
import { found, type Finding } from '../platform/finding.ts';

const DAY_MS = 86_400_000;
const SOON_MS = 14 * DAY_MS;

/** The keys that name a file with certificates. */
const NAMES_CERTIFICATES = /(certFile|caFile)$/i;

/** Warns of certificates in the configured files whose time is over, has not come, or is over soon. */
export function checkCertificates(configuration: Configuration, nowMs: number): Finding[] {
  return certificateFiles(configuration, []).flatMap(({ path, file }) =>
    checkFile(showPath(path), file, nowMs),
  );
}

/** Every key in a part of the configuration that names such a file. A tag may have the name of such a key. */
function certificateFiles(
  part: unknown,
  path: SettingPath,
): { readonly path: SettingPath; readonly file: string }[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]: [string, unknown]) => {
    const at = [...path, Array.isArray(part) ? Number(key) : key];
    if (typeof value !== 'string') return certificateFiles(value, at);
    return NAMES_CERTIFICATES.test(key) && settingAt(at)?.kind === 'path' ? [{ path: at, file: value }] : [];
  });
}

function checkFile(path: string, file: string, nowMs: number): Finding[] {
  return parseCertificates(readFileSync(file, 'utf8')).flatMap(({ subject, validFrom, validTo }) => {
    const message = judgeTimes(Date.parse(validFrom), Date.parse(validTo), nowMs);
    if (message === null) return [];
    const whose = subject.split('\n').join(', ');
    return [found('warn', `certificate in ${path} ${file}`, `${whose} ${message}`)];
  });
}

function judgeTimes(fromMs: number, toMs: number, nowMs: number): string | null {
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  if (toMs <= nowMs) return `expired on ${day(toMs)}: renew it`;
  if (fromMs > nowMs) return `is not valid before ${day(fromMs)}: is the clock of this machine right?`;
  if (toMs - nowMs <= SOON_MS) {
    const days = Math.floor((toMs - nowMs) / DAY_MS);
    return `expires in ${days} ${days === 1 ? 'day' : 'days'}, on ${day(toMs)}: renew it`;
  }
  return null;
}

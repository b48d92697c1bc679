import { readFileSync } from 'node:fs';
import type { Configuration, TlsFiles } from '../config/configuration.ts';
import { parseCertificates } from '../config/resolve-tls.ts';
import type { Finding } from './finding.ts';

const DAY_MS = 86_400_000;
const SOON_MS = 14 * DAY_MS;

/** Warns of certificates in the configured files whose time is over, has not come, or is over soon. */
export function checkCertificates(configuration: Configuration, nowMs: number): Finding[] {
  const sasl = configuration.kafka.sasl;
  const endpointCaFile = sasl?.mechanism === 'oauthbearer' ? sasl.tokenEndpointCaFile : undefined;
  const ofEndpoint =
    endpointCaFile === undefined ? [] : checkFile('kafka.sasl.tokenEndpointCaFile', endpointCaFile, nowMs);
  const ofSections = tlsSections(configuration).flatMap(([path, { caFile, certFile }]) => [
    ...(certFile === undefined ? [] : checkFile(`${path}.certFile`, certFile, nowMs)),
    ...(caFile === undefined ? [] : checkFile(`${path}.caFile`, caFile, nowMs)),
  ]);
  return [...ofSections, ...ofEndpoint];
}

function tlsSections({ burrow, kafka, http }: Configuration): (readonly [string, TlsFiles])[] {
  return [
    ...burrow.servers.map(({ tls }, index) => [`burrow.servers[${index}].tls`, tls ?? {}] as const),
    ['kafka.tls', kafka.tls ?? {}] as const,
    ['http.tls', http.tls ?? {}] as const,
  ];
}

function checkFile(path: string, file: string, nowMs: number): Finding[] {
  return parseCertificates(readFileSync(file, 'utf8')).flatMap(({ subject, validFrom, validTo }) => {
    const message = judgeTimes(Date.parse(validFrom), Date.parse(validTo), nowMs);
    if (message === null) return [];
    const whose = subject.split('\n').join(', ');
    return [
      {
        ok: true,
        isWarning: true,
        subject: `certificate in ${path} ${file}`,
        message: `${whose} ${message}`,
      },
    ];
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

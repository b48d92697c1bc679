import { isPassedOn, LOCK_FILE, readLockFile } from './lock-file.ts';

/** `npm run licences`: what the image and the dashboard's script hold besides this project, by licence. */
const byLicence = new Map<string, Set<string>>();
for (const { name, version, license } of readLockFile(LOCK_FILE).filter(isPassedOn)) {
  byLicence.set(license, (byLicence.get(license) ?? new Set()).add(`${name} ${version}`));
}
for (const [licence, packages] of [...byLicence].sort(([a], [b]) => (a < b ? -1 : 1))) {
  process.stdout.write(`${licence} (${packages.size})\n`);
  for (const each of [...packages].sort()) process.stdout.write(`  ${each}\n`);
}

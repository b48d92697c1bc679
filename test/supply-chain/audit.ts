import { spawnSync } from 'node:child_process';
import { judgeAudit } from './judge-audit.ts';

/**
 * `npm run audit`: known weaknesses of what the image holds. Fails on any. A registry that gives no answer is told
 * and is no failure: not every mirror has the endpoint, and a build must not hang on it.
 */
const { stdout, stderr } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  timeout: 120_000,
});
const judgement = judgeAudit(stdout);
switch (judgement.kind) {
  case 'clean':
    process.stdout.write('npm audit: no known weakness in what the image holds.\n');
    break;
  case 'findings':
    process.stdout.write(`npm audit:\n${judgement.lines.map((line) => `  ${line}\n`).join('')}`);
    process.exitCode = 1;
    break;
  case 'unanswered':
    process.stdout.write(`npm audit: NOT DONE, the registry does not answer it: ${judgement.reason}\n`);
    process.stderr.write(stderr.replace(/^/gm, '  '));
    break;
}

import { describe, expect, test } from 'vitest';
import { settings } from '../../src/config/settings-list.ts';
import { BROKERS, faultsOf, load, loadGood } from './loading.ts';

/** What Kubernetes sets for a Service with this address and one named port. Source: kubelet's envvars.go. */
function kubernetes(prefix: string, host = '10.0.0.1', protocol = 'tcp'): Record<string, string> {
  const url = `${protocol}://${host.includes(':') ? `[${host}]` : host}:7099`;
  const port = `${prefix}_PORT_7099_${protocol.toUpperCase()}`;
  return {
    [`${prefix}_SERVICE_HOST`]: host,
    [`${prefix}_SERVICE_PORT`]: '7099',
    [`${prefix}_SERVICE_PORT_WEB_UI`]: '7099',
    [`${prefix}_PORT`]: url,
    [port]: url,
    [`${port}_PROTO`]: protocol,
    [`${port}_PORT`]: '7099',
    [`${port}_ADDR`]: host,
  };
}

/** What Docker sets for a linked container. Source: Docker, legacy container links. */
const docker = {
  RAINBOW_HTTP_NAME: '/web/rainbow-http',
  RAINBOW_HTTP_PORT: 'tcp://172.17.0.5:7099',
  RAINBOW_HTTP_PORT_7099_TCP: 'tcp://172.17.0.5:7099',
  RAINBOW_HTTP_PORT_7099_TCP_PROTO: 'tcp',
  RAINBOW_HTTP_PORT_7099_TCP_PORT: '7099',
  RAINBOW_HTTP_PORT_7099_TCP_ADDR: '172.17.0.5',
  RAINBOW_HTTP_ENV_PATH: '/bin',
};

function linksOf(env: Record<string, string>): readonly string[] {
  const result = load({ env: { ...BROKERS, ...env } });
  if (result.kind === 'faults') throw new Error(result.faults.map(({ path }) => path).join(' '));
  return result.links;
}

/** What each setting's variable may be mistaken for: a Service that is named like it, or like what stands before _PORT. */
const prefixes = settings
  .flatMap(({ environment }) =>
    environment === null ? [] : [environment, environment.replace(/_[A-Z]+$/, '')],
  )
  .concat('RAINBOW', 'RAINBOW_EU');

describe('given variables of a Service whose name begins like ours', () => {
  test.each([...new Set(prefixes)])(
    'when it is named as %s, then all are passed over, and told',
    (prefix) => {
      const env = kubernetes(prefix);
      expect(linksOf(env)).toEqual(Object.keys(env).sort());
    },
  );

  test.each([
    ['IPv6', kubernetes('RAINBOW_HTTP', 'fd00::1')],
    ['UDP', kubernetes('RAINBOW_HTTP', '10.0.0.1', 'udp')],
    ['a link of Docker', docker],
  ])('when it is %s, then the port is still the default', (_title, env) => {
    expect(linksOf(env)).toEqual(Object.keys(env).sort());
    expect(loadGood({ env: { ...BROKERS, ...env } }).http.port).toBe(7099);
  });
});

describe('given a mistake that looks like a variable of a Service', () => {
  test.each([
    ['RAINBOW_SERVICE_PORT', '7099'],
    ['RAINBOW_HTTP_SERVICE_PORT', '7099'],
    ['RAINBOW_HTTP_SERVICE_HOST', '10.0.0.1'],
    ['RAINBOW_HTP_PORT', '7099'],
    ['RAINBOW_HTTP_PORT_7099_TCP_PORT', '7099'],
    ['RAINBOW_HTTP_PORT_7099_TCP', 'tcp://10.0.0.1:7099'],
    ['RAINBOW_ENV_HTTP_PORT', '7099'],
    ['RAINBOW_HTTP_NAME', '/x'],
  ])('when %s stands alone, then it is no known variable', (name, text) => {
    expect(faultsOf({ env: { ...BROKERS, [name]: text } })).toMatchObject([
      { path: name, rule: 'is not a known environment variable' },
    ]);
  });

  test('when a typo stands beside a real Service, then it is still one', () => {
    const env = { ...BROKERS, ...kubernetes('RAINBOW_HTTP'), RAINBOW_HTTP_PROT: '80' };
    expect(faultsOf({ env })).toMatchObject([
      { path: 'RAINBOW_HTTP_PROT', hint: 'did you mean RAINBOW_HTTP_PORT?' },
    ]);
  });

  test.each(['tcp://', 'tcp://web:7099', '7099x', 'http://10.0.0.1:7099', 'tcp://999.0.0.1:7099'])(
    'when the port is %s, then it is a bad port',
    (text) => {
      expect(faultsOf({ env: { ...BROKERS, RAINBOW_HTTP_PORT: text } })).toMatchObject([
        { path: 'http.port' },
      ]);
    },
  );

  test('when a port is set beside a Service of another name, then it counts', () => {
    const env = { ...BROKERS, ...kubernetes('RAINBOW'), RAINBOW_HTTP_PORT: '8080' };
    expect(loadGood({ env }).http.port).toBe(8080);
  });
});

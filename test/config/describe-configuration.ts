import { settings, showPath } from '../../src/config/settings-list.ts';

/** A row of the reference table. */
export interface SettingRow {
  /** `kafka.tls.caFile`, `burrow.servers[].url`. */
  readonly path: string;
  readonly environment: string;
  readonly type: string;
  /** As in YAML; '' where there is none. */
  readonly default: string;
  readonly description: string;
}

/** Every key, in the order of the schema; keys of a list's items follow their list. */
export function describeConfiguration(): SettingRow[] {
  return settings.map((setting) => ({
    path: showPath(setting.path).replaceAll('[0]', '[]'),
    environment: setting.environment ?? '',
    type: setting.type,
    default: setting.default,
    description: setting.description,
  }));
}

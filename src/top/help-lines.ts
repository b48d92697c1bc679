/** What the keys do, for the screen of help: at most 18 lines of 80 columns. */
export const HELP: readonly string[] = [
  '',
  ' Up Down PageUp PageDown Home End    move; also k j, space, g G',
  ' Enter   partitions of the group; Esc goes back',
  ' s  <    sort by the next column, the one before; r turns the order around',
  ' /       search in names of groups and clusters; Enter keeps, Esc leaves it',
  ' f       status: all, not OK, ERR, WARN, OK',
  ' c       cluster: all, then one after the other',
  ' Esc     show all again',
  ' p       pause, go on',
  ' q       quit, as does Ctrl-C; Ctrl-Z puts it in the background',
  '',
  ' TIME    how old the oldest record is that is not consumed yet (estimate)',
  ' DRAIN   when the lag is gone at the rates of now; never: it does not shrink',
  ' CONS/M  PROD/M    records consumed and produced a minute',
  ' HOUR    total lag of the last hour, newest at the right',
  ' -       not known',
];

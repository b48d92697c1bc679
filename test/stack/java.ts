/** JVM arguments for a small server that must start fast and write little, heap at most `heapMegabytes`. */
export function javaArguments(
  classPath: string,
  heapMegabytes: number,
  infoLoggers: readonly string[],
): readonly string[] {
  return [
    '-Xms64m',
    `-Xmx${heapMegabytes}m`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:-UsePerfData',
    '-Djava.net.preferIPv4Stack=true',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
    '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
    ...infoLoggers.map((logger) => `-Dorg.slf4j.simpleLogger.log.${logger}=info`),
    '-cp',
    classPath,
  ];
}

/** What a reader of the event stream must know. */
export const EVENTS_HELP = `Server-sent events. Each has an id, a whole number that only grows, over restarts too; \`data\` is one line of JSON \
by the schema that \`x-events\` names for the kind of event.

- \`reset\` is the first event of a stream that does not resume, and comes in between where too much happened at once: load what you show \
anew (GET), then apply what follows.
- \`groups\`, at most once a second: the rows of all groups with a new sample, and the groups that are gone.
- \`traffic\`, once a minute: the minute that ended, and the outbox.
- \`health\`, when it changes.

Send the last id that you saw as \`Last-Event-ID\` to go on where you were; events are kept for some minutes. A comment line comes every 15 \
seconds, so a stream that is silent for longer is dead. A reader that is too slow is cut off, and may resume. An EventSource cannot send a \
token: read the stream with fetch where one is wanted. HEAD is not taken.`;

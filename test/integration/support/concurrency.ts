/** For a `describe` that runs at the same time as its neighbours: they wait for servers more than they work. */
export const besideOthers = { concurrent: true } as const;

/** For a `test` in it: each goes on where the one before has stopped. */
export const inOrder = { concurrent: false } as const;

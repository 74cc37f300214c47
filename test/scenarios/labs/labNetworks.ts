/** The networks of the labs: a call to a server that cannot be reached hangs for up to seven seconds on each of them. */
import { conditions, longDelays, longReordering } from 'xstate-raft/testing';

export const reliable = { ...conditions.reliable, ...longDelays };
export const unreliable = { ...conditions.unreliable, ...longDelays };
/** Most replies are overtaken, too. */
export const unreliableReordering = { ...unreliable, ...longReordering };

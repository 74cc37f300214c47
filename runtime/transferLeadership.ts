/** Waits for a transfer of leadership to end, one way or the other (dissertation, section 3.10). */
import type { Actor } from 'xstate';
import type { NodeId } from '../machines/configuration.ts';
import type { raftMachine } from '../machines/raft.ts';
import { TransferFailed } from './errors.ts';

/** Asks a leader's raft actor to hand over to `to`; settles when another node leads or the attempt is given up. */
export function transferLeadership(raft: Actor<typeof raftMachine>, to: NodeId): Promise<void> {
  return new Promise((resolve, reject) => {
    raft.send({ type: 'transferAsked', to });
    const inTransfer = { leader: { authority: 'transferring' } } as const;
    if (!raft.getSnapshot().matches(inTransfer)) {
      reject(
        new TransferFailed(`This leader has committed nothing in its term yet: try ${to} again in a moment.`),
      );
      return;
    }
    const subscription = raft.subscribe({
      next: (snapshot) => {
        const { leader, me } = snapshot.context;
        if (snapshot.matches(inTransfer) || leader === null) return;
        subscription.unsubscribe();
        if (leader === to) resolve();
        else if (leader === me)
          reject(new TransferFailed(`${to} did not take over in an election timeout: this node leads on.`));
        else reject(new TransferFailed(`${leader} was elected in place of ${to}.`));
      },
      complete: () => reject(new TransferFailed('This node was stopped.')),
    });
  });
}

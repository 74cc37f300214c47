/**
 * Three servers in one process that keep a counter in step: what makeRaft needs of an application is a way to call a
 * peer, a place to persist, and somebody who applies what is committed.
 *
 *     npm run example
 */
import { Subject } from 'rxjs';
import { type ApplyMsg, MemoryPersister, makeRaft, type Raft } from 'xstate-raft';

const servers: Raft[] = [];
const counters = [0, 0, 0];

// In place of a network: a call of a function. Requests and replies are plain data; encode and decode make them bytes.
const peers = counters.map((_, to) => ({
  call: async (request: Parameters<Raft['handle']>[0]) => servers[to]?.handle(request),
}));

counters.forEach((_, me) => {
  const applyCh = new Subject<ApplyMsg>();
  applyCh.subscribe((message) => {
    if (!('commandValid' in message)) return;
    counters[me] = (counters[me] ?? 0) + (message.command[0] ?? 0);
    console.log(`server ${me} applied entry ${message.commandIndex}: the counter is ${counters[me]}`);
  });
  const raft = makeRaft({ peers, me, persister: new MemoryPersister(), applyCh });
  raft.events.on('roleChanged', ({ role, term }) => console.log(`server ${me} is ${role} in term ${term}`));
  servers.push(raft);
});

/** Proposes to whoever leads, as soon as somebody does. */
async function add(amount: number): Promise<void> {
  while (!servers.some((raft) => raft.start(Uint8Array.of(amount)).isLeader)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

for (const amount of [1, 2, 39]) await add(amount);
while (counters.some((counter) => counter !== 42)) await new Promise((resolve) => setTimeout(resolve, 20));
console.log('all three agree');
for (const raft of servers) raft.kill();

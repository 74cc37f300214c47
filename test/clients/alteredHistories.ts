/** Histories of a service that is broken, made from those of one that is not: what a test must not take for linearizable. */
import type { Answered, CommandHistory } from './commandModel.ts';

type Recorded = CommandHistory[number];
type Returned = Recorded & { readonly returnedAt: number };

/** Operations of one command of this name that were answered, with its key and its answer. */
function answersOf(history: CommandHistory, name: string) {
  return history.flatMap((operation, place) => {
    const { input, output, returnedAt } = operation;
    const [command, ...others] = input.commands;
    const [answer] = output ?? [];
    if (returnedAt === undefined || command?.[0] !== name || others.length > 0) return [];
    const [, key = '', , option] = command;
    const returned: Returned = { ...operation, returnedAt };
    return [{ place, operation: returned, key, option, answer: answer ?? null }];
  });
}

/** The operations on the same keys, with another answer to one of them. */
function withAnswer(history: CommandHistory, place: number, output: Answered): CommandHistory {
  const group = history[place]?.input.group;
  return history
    .map((operation, at) => (at === place ? { ...operation, output } : operation))
    .filter(({ input }) => input.group === group);
}

/** A read tells a value that had been overwritten, as its reader could have known, before it was asked. */
export function withStaleRead(history: CommandHistory): CommandHistory {
  const reads = answersOf(history, 'GET').filter(
    ({ answer }) => typeof answer === 'string' && answer.startsWith('<'),
  );
  const writes = answersOf(history, 'SET').filter(({ option }) => option !== 'NX');
  for (const old of reads) {
    const write = writes.find(
      ({ key, operation }) => key === old.key && operation.calledAt > old.operation.returnedAt,
    );
    if (write === undefined) continue;
    const late = reads.find(
      ({ key, operation, answer }) =>
        key === old.key && operation.calledAt > write.operation.returnedAt && answer !== old.answer,
    );
    if (late !== undefined) return withAnswer(history, late.place, [old.answer]);
  }
  throw new Error('No read came after a write that came after a read of the same key.');
}

/** Two clients that count are told the same number. */
export function withNumberToldTwice(history: CommandHistory): CommandHistory {
  const counted = answersOf(history, 'INCR');
  for (const one of counted) {
    const other = counted.find(({ key, answer }) => key === one.key && answer !== one.answer);
    if (other !== undefined) return withAnswer(history, one.place, [other.answer]);
  }
  throw new Error('No key was counted twice.');
}

/** A transaction's commands see what another client did between them. */
export function withTornTransaction(history: CommandHistory): CommandHistory {
  const place = history.findIndex(({ input, returnedAt }) => {
    return returnedAt !== undefined && input.commands.length > 1 && input.commands[0]?.[0] === 'GET';
  });
  const torn = history[place];
  if (torn?.output === undefined) throw new Error('No transaction that begins with GET was answered.');
  // It reads the same key at its beginning and at its end.
  const output = [`${torn.output[0] ?? ''}<torn>`, ...torn.output.slice(1)];
  return withAnswer(history, place, output);
}

/** The scripts of test/scenarios as stories: the same files that the tests play. */
const texts: Readonly<Record<string, string>> = import.meta.glob('../../test/scenarios/*.txt', {
  query: '?raw',
  import: 'default',
  eager: true,
});

export interface StoryText {
  readonly name: string;
  readonly title: string;
  /** Of the paper; undefined: none. */
  readonly figure?: string;
  readonly text: string;
}

/** In the order in which somebody who is new to Raft may want them. */
const titles: readonly (readonly [name: string, title: string, figure?: string])[] = [
  ['firstElection', 'A first election'],
  ['oneCommand', 'One command on its way through the log', 'Figure 2'],
  ['splitVote', 'A split vote'],
  ['cutOffLeader', 'A cut-off leader’s entries vanish'],
  ['figure7', 'What logs a new leader may find', 'Figure 7'],
  ['backingUp', 'Backing up a term at a time'],
  ['catchingUp', 'A follower catches up'],
  ['figure8', 'Why only entries of the current term are counted', 'Figure 8'],
  ['snapshot', 'A snapshot in place of entries', 'Figure 13'],
  ['durableBeforeSaid', 'Durable before said'],
  ['lostTail', 'A crash loses what was not synced'],
  ['preVote', 'Pre-vote: a returning node disturbs nobody'],
  ['disturbed', 'Without pre-vote: it does'],
  ['checkQuorum', 'A leader that no majority answers'],
  ['oneWayCut', 'A way that is cut in one direction'],
  ['duplicatesAndLateAnswers', 'Duplicates and late answers'],
  ['transfer', 'Leadership is handed over'],
];

const titled = titles.map(([name, title, figure]): StoryText => {
  return { name, title, ...(figure !== undefined && { figure }), text: textOf(name) };
});

export const stories: readonly StoryText[] = [
  ...titled,
  // A new script shows up by itself, under its own name.
  ...Object.keys(texts)
    .map((path) => path.replace(/^.*\/|\.txt$/g, ''))
    .filter((name) => !titles.some(([known]) => known === name))
    .map((name) => ({ name, title: name, text: textOf(name) })),
];

/** @throws RangeError */
export function storyNamed(name: string): StoryText {
  const story = stories.find((one) => one.name === name);
  if (story) return story;
  throw new RangeError(`There is no story "${name}": choose one from the list.`);
}

function textOf(name: string): string {
  return texts[`../../test/scenarios/${name}.txt`] ?? '';
}

/** All that is told: the scripts of test/scenarios, and the scenarios of the labs. The tests play the same. */
import type { LabScenario } from '../../test/scenarios/labs/labScenario.ts';
import { labParts } from './labStories.ts';

const texts: Readonly<Record<string, string>> = import.meta.glob('../../test/scenarios/*.txt', {
  query: '?raw',
  import: 'default',
  eager: true,
});

export interface ListedStory {
  /** In links. */
  readonly name: string;
  readonly title: string;
  /** Of the paper; undefined: none. */
  readonly figure?: string;
  readonly content: { readonly script: string } | { readonly lab: LabScenario };
}

export interface StoryGroup {
  readonly title: string;
  readonly stories: readonly ListedStory[];
}

/** In the order in which somebody who is new to Raft may want them. */
const scripts: readonly (readonly [name: string, title: string, figure?: string])[] = [
  ['oneCommand', 'One command on its way through the log', 'Figure 2'],
  ['figure7', 'What logs a new leader may find', 'Figure 7'],
  ['figure8', 'Why only entries of the current term are counted', 'Figure 8'],
  ['snapshot', 'A snapshot in place of entries', 'Figure 13'],
  ['firstElection', 'A first election'],
  ['splitVote', 'A split vote'],
  ['cutOffLeader', 'A cut-off leader’s entries vanish'],
  ['backingUp', 'Backing up a term at a time'],
  ['catchingUp', 'A follower catches up'],
  ['durableBeforeSaid', 'Durable before said'],
  ['lostTail', 'A crash loses what was not synced'],
  ['preVote', 'Pre-vote: a returning node disturbs nobody'],
  ['disturbed', 'Without pre-vote: it does'],
  ['checkQuorum', 'A leader that no majority answers'],
  ['oneWayCut', 'A way that is cut in one direction'],
  ['duplicatesAndLateAnswers', 'Duplicates and late answers'],
  ['transfer', 'Leadership is handed over'],
];

const listed = scripts.map(([name, title, figure]): ListedStory => {
  const content = { script: texts[`../../test/scenarios/${name}.txt`] ?? '' };
  return { name, title, content, ...(figure !== undefined && { figure }) };
});

// A new script shows up by itself, under its own name.
const unlisted = Object.entries(texts)
  .map(([path, script]) => ({ name: path.replace(/^.*\/|\.txt$/g, ''), script }))
  .filter(({ name }) => !scripts.some(([known]) => known === name))
  .map(({ name, script }): ListedStory => ({ name, title: name, content: { script } }));

export const storyGroups: readonly StoryGroup[] = [
  { title: 'The figures of the paper', stories: listed.filter(({ figure }) => figure !== undefined) },
  { title: 'Rule by rule', stories: [...listed.filter(({ figure }) => figure === undefined), ...unlisted] },
  ...labParts.map(({ title, scenarios }): StoryGroup => {
    const [part] = title.split(' ');
    const stories = scenarios.map((lab) => ({
      ...{ name: `${part} ${lab.name}`, content: { lab } },
      title: lab.name.replace(/^./, (first) => first.toUpperCase()),
    }));
    return { title: `Lab ${title}`, stories };
  }),
];

/** A link to a story that there is not. */
export class UnknownStory extends Error {
  override readonly name = 'UnknownStory';
  readonly code = 'UnknownStory';
}

/** @throws UnknownStory */
export function storyNamed(name: string): ListedStory {
  const story = storyGroups.flatMap(({ stories }) => stories).find((one) => one.name === name);
  if (story) return story;
  throw new UnknownStory(`There is no story "${name}": choose one from the list.`);
}

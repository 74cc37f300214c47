import { expect } from 'chai';
import { linkOf, UnreadableLink, viewOf } from '../../../page/source/pageLink.ts';
import type { SharedView } from '../../../page/source/scenario.ts';

const views: readonly SharedView[] = [
  { scenario: { kind: 'sandbox', seed: 7, nodes: 5 }, actions: [], time: null },
  { scenario: { kind: 'story', name: 'figure8' }, actions: [], time: 2890.9 },
  {
    scenario: { kind: 'plan', seed: 3, nodes: 5, variant: 'votes twice in a term', steps: [1, 4, 9] },
    ...{ actions: [], time: 0 },
  },
  {
    scenario: { kind: 'sandbox', seed: 1, nodes: 3 },
    actions: [
      { events: 12, atMs: 400.5, action: { type: 'crash', node: 'n1' } },
      { events: 40, atMs: 700, action: { type: 'put', key: 'a&b=c#d', value: 'ü "x" %' } },
      { events: 41, atMs: 700, action: { type: 'partition', groups: [['n1'], ['n2', 'n3']] } },
    ],
    time: 812.125,
  },
];

describe('a link to the page', () => {
  it('gives back what was shared', () => {
    for (const view of views) expect(viewOf(linkOf(view))).to.deep.equal(view);
  });

  it('shows what happens at its moment: the time is never rounded down', () => {
    const time = 3946.37421;
    const view = viewOf(linkOf({ ...views[0], scenario: { kind: 'story', name: 'x' }, actions: [], time }));
    expect(view?.time).to.be.within(time, time + 0.001);
  });

  it('says nothing where the address has nothing behind the #', () => {
    expect(viewOf('')).to.equal(undefined);
    expect(viewOf('#')).to.equal(undefined);
  });

  const unreadable: readonly (readonly [hash: string, says: RegExp])[] = [
    ['#seed=x', /^seed is "x" in this link/],
    ['#seed=-1', /seed is "-1"/],
    ['#seed=1&nodes=10', /^nodes is "10" in this link: give a number from 1 to 9\.$/],
    ['#seed=1&nodes=2.5', /nodes is "2\.5"/],
    ['#seed=1&t=', /t is ""/],
    ['#soak=1&steps=1,a', /steps is "a"/],
    ['#seed=1&did=[', /"did"/],
    ['#seed=1&did=7', /"did"/],
    ['#seed=1&did=[[1,2,{"type":"crash"}]]', /"did"/],
    ['#seed=1&did=[[1,2,{"type":"constructor"}]]', /"did"/],
    ['#seed=1&did=[[1.5,2,{"type":"heal"}]]', /"did"/],
  ];
  for (const [hash, says] of unreadable) {
    it(`refuses ${hash}, and says why`, () => {
      expect(() => viewOf(hash)).to.throw(UnreadableLink, says);
    });
  }
});

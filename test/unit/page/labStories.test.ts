/** The scenarios of the labs as the page tells them: shorter than the tests of the labs, and with what must hold asserted. */
import { expect } from 'chai';
import { labParts, tellLab } from '../../../page/source/labStories.ts';
import type { Told } from '../../../page/source/storyTeller.ts';
import type { World } from '../../../page/source/world.ts';
import { SimulationObserver } from '../../../runtime/observation/simulationObserver.ts';
import { handout } from '../../reporter/handout.ts';
import type { LabScenario } from '../../scenarios/labs/labScenario.ts';

/** As the page keeps them. */
const framesMax = 50_000;
/** Not after each event, as the page does: that takes most of the time. */
const lookEvery = 5;

interface Showing {
  readonly told: readonly Told[];
  /** Of what was told, as the page hears them. */
  readonly numbers: readonly number[];
  readonly frameCount: number;
}

async function show(scenario: LabScenario): Promise<Showing> {
  const told: Told[] = [];
  const numbers: number[] = [];
  let frameCount = 0;
  let world: World | undefined;
  try {
    await tellLab(scenario, {
      onOpen(opened) {
        world = opened;
        const { simulation, describe: inWords } = opened;
        const observer = new SimulationObserver(simulation, inWords);
        simulation.onTurn = () => {
          frameCount += 1;
          if (frameCount % lookEvery > 0) return;
          expect(observer.frame().nodes.map(({ id }) => id)).to.deep.equal(simulation.ids);
        };
      },
      onTold(some, number) {
        told.push(...some);
        numbers.push(number);
      },
    });
  } finally {
    world?.simulation.stop();
  }
  return { told, numbers, frameCount };
}

describe('a story of the labs', () => {
  it('is there for every scenario of the handout', () => {
    const told = labParts.map(({ title, scenarios }) => [
      title.slice(0, 2),
      scenarios.map(({ name }) => name).sort(),
    ]);
    const printed = Object.entries(handout).map(([part, rows]) => [part, Object.keys(rows).sort()]);
    expect(told).to.deep.equal(printed);
  });

  for (const { title, scenarios } of labParts) {
    for (const scenario of scenarios) {
      it(`is told to its end: ${title}, ${scenario.name}`, async () => {
        const { told, numbers, frameCount } = await show(scenario);
        expect(told.at(-1)?.text).to.match(/^All that must hold has held\./);
        expect(told.filter(({ kind }) => kind === 'caption').length, 'captions').to.be.above(1);
        expect(numbers).to.deep.equal(numbers.map((_, i) => i));
        expect(frameCount).to.be.within(20, framesMax - 1);
      });
    }
  }
});

import { expect } from 'chai';
import { linearScale, logScale } from '../../bench/report/scale.ts';
import { svg } from '../../bench/report/svg.ts';

describe('a scale of a plot', () => {
  it('is linear from 0 to a round number above', () => {
    const scale = linearScale([3, 8.7]);
    expect(scale.ticks).to.deep.equal([0, 2, 4, 6, 8, 10]);
    expect([0, 5, 10].map((figure) => scale.at(figure))).to.deep.equal([0, 0.5, 1]);
  });

  it('goes below 0 only for figures that do', () => {
    const { ticks, at } = linearScale([-1, 3]);
    expect(ticks[0]).to.equal(-1);
    expect(at(-1)).to.equal(0);
  });

  it('is logarithmic between powers of ten', () => {
    const scale = logScale([20, 5000]);
    expect(scale.ticks).to.deep.equal([10, 100, 1000, 10_000]);
    expect(scale.at(10)).to.equal(0);
    expect(scale.at(10_000)).to.equal(1);
    expect(scale.at(1000) - scale.at(100)).to.be.closeTo(1 / 3, 1e-9);
  });

  it('holds one figure alone, and a power of ten', () => {
    expect(logScale([100]).ticks).to.deep.equal([100, 1000]);
    expect(linearScale([0]).at(0)).to.equal(0);
  });

  it('has no place for 0 on a logarithm', () => {
    expect(() => logScale([1, 0])).to.throw(RangeError, '0 has no place');
  });
});

describe('a plot', () => {
  const lines = {
    ...({ kind: 'lines', x: 'log', y: 'linear' } as const),
    ...{ file: 'x', title: 'a < b & c', xLabel: 'clients', yLabel: 'ms' },
  };

  it('draws a point where its scales put it', () => {
    const points = [
      { x: 1, y: 0 },
      { x: 10, y: 5 },
    ];
    const text = svg({ ...lines, series: [{ name: 'one', points }] });
    const places = [...text.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [
      ...[Number(x), Number(y)],
    ]);
    expect(places).to.deep.equal([
      [70, 360],
      [700, 64],
    ]);
    expect([...text.matchAll(/end">([^<]+)</g)].map(([, tick]) => tick)).to.deep.equal([
      '0',
      '1',
      '2',
      '3',
      '4',
      '5',
    ]);
    expect(text).to.include('a &lt; b &amp; c').and.include('>clients<').and.include('>ms<');
  });

  it('says so when nothing was measured', () => {
    expect(svg({ ...lines, series: [] })).to.include('Nothing was measured.');
    expect(svg({ kind: 'bars', file: 'x', title: '', yLabel: '', groups: [] })).to.include(
      'Nothing was measured.',
    );
  });
});

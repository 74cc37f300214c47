import { expect } from 'chai';
import fc from 'fast-check';
import { spreadOf } from '../../bench/measure/statistics.ts';

describe('the median and the spread of figures', () => {
  it('takes the middle one of an odd number, whatever their order', () => {
    expect(spreadOf([10, 9, 100])).to.deep.equal({ median: 10, least: 9, most: 100 });
    expect(spreadOf([7])).to.deep.equal({ median: 7, least: 7, most: 7 });
  });

  it('takes the mean of the two in the middle of an even number', () => {
    expect(spreadOf([4, 1, 2, 100])).to.deep.equal({ median: 3, least: 1, most: 100 });
  });

  it('has as many figures below the median as above', () => {
    const figures = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(figures, (all) => {
        const { median, least, most } = spreadOf(all);
        expect(all.filter((each) => each < median).length).to.be.at.most(all.length / 2);
        expect(all.filter((each) => each > median).length).to.be.at.most(all.length / 2);
        expect([least, most]).to.deep.equal([Math.min(...all), Math.max(...all)]);
      }),
    );
  });

  it('refuses none at all', () => {
    expect(() => spreadOf([])).to.throw(RangeError, 'no median');
  });
});

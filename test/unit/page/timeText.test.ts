import { expect } from 'chai';
import { timeText } from '../../../page/view/timeline.ts';

describe('a time as the page writes it', () => {
  it('is in seconds where it is virtual, a time of day to the millisecond where it is not', () => {
    expect(timeText(400.4)).to.equal('0.400 s');
    expect(timeText(new Date(2026, 0, 2, 3, 4, 5, 67).getTime(), false)).to.equal('03:04:05.067');
  });
});

import { expect } from 'chai';
import {
  loopSyncMsMax,
  stallMs,
  syncsJudged,
  syncsJudgedMax,
} from '../../../runtime/storage/segmentedLog/storageLimits.ts';
import { SyncPlace } from '../../../runtime/storage/segmentedLog/syncPlace.ts';

const quickMs = loopSyncMsMax / 10;
const slowMs = loopSyncMsMax * 5;

function noteMany(place: SyncPlace, count: number, ms: number): void {
  for (let noted = 0; noted < count; noted += 1) place.note(ms);
}

/** How many quick syncs it takes until they are done on the loop. */
function syncsUntilLoop(place: SyncPlace): number {
  let count = 0;
  for (; !place.isLoop; count += 1) place.note(quickMs);
  return count;
}

describe('Where the log is synced', () => {
  it('is another thread until the disk has shown to be quick, then the loop', () => {
    const place = new SyncPlace();
    noteMany(place, syncsJudged - 1, quickMs);
    expect(place.isLoop).to.equal(false);
    place.note(quickMs);
    expect(place.isLoop).to.equal(true);
  });

  it('stays another thread with a disk that is slow', () => {
    const place = new SyncPlace();
    noteMany(place, 10 * syncsJudged, slowMs);
    expect(place.isLoop).to.equal(false);
  });

  it('is the loop though a busy processor makes most syncs look slow', () => {
    const place = new SyncPlace();
    noteMany(place, syncsJudged - 1, slowMs);
    place.note(quickMs);
    expect(place.isLoop).to.equal(true);
  });

  it('leaves the loop when the disk has become slow', () => {
    const place = new SyncPlace();
    syncsUntilLoop(place);
    noteMany(place, syncsJudged, slowMs);
    expect(place.isLoop).to.equal(false);
  });

  it('leaves the loop at once behind a stall, for longer after each, as long as they follow one another', () => {
    const place = new SyncPlace();
    syncsUntilLoop(place);
    const counts: number[] = [];
    for (let stalls = 0; stalls < 15; stalls += 1) {
      place.note(2 * stallMs);
      expect(place.isLoop).to.equal(false);
      counts.push(syncsUntilLoop(place));
    }
    expect(counts.slice(0, 3)).to.deep.equal([2 * syncsJudged, 4 * syncsJudged, 8 * syncsJudged]);
    expect(counts.at(-1)).to.equal(syncsJudgedMax);
    // Without stalls it comes back to what it was.
    noteMany(place, 4 * syncsJudgedMax, quickMs);
    place.note(2 * stallMs);
    expect(syncsUntilLoop(place)).to.equal(2 * syncsJudged);
  });
});

import { expect } from 'chai';
import {
  busySeconds,
  busySecondsIn,
  cpuSeconds,
  cpuSecondsIn,
  residentBytes,
  stolenSecondsIn,
} from '../../bench/measure/processTimes.ts';

describe('the CPU that /proc tells of', () => {
  it('is user and system time of a process, whatever its name', () => {
    const stat =
      '4242 (a) b (c d) S 1 4242 4242 0 -1 4194560 1499 0 12 0 731 269 5 7 20 0 11 0 98765 1234 567 184 1 1 0';
    expect(cpuSecondsIn(stat)).to.equal((731 + 269) / 100);
  });

  it('is what the machine did in all modes, without idling and waiting for the disk', () => {
    const stat = 'cpu  100 20 30 4000 500 6 7 8 9 10\ncpu0 1 1 1 1 1 1 1 1 1 1\nintr 1\n';
    expect(busySecondsIn(stat)).to.equal((100 + 20 + 30 + 6 + 7 + 8) / 100);
  });

  it('tells what the host took of all cores, which is the eighth count', () => {
    expect(stolenSecondsIn('cpu  100 20 30 4000 500 6 7 825 9 10\ncpu0 1 1 1 1 1 1 1 1 1 1\n')).to.equal(
      8.25,
    );
    expect(stolenSecondsIn('cpu  1 2 3 4\n')).to.equal(0);
  });

  it('grows with what this process does, and the machine does at least as much', () => {
    const before = { own: cpuSeconds(process.pid), all: busySeconds(), told: process.cpuUsage() };
    while (process.cpuUsage(before.told).user < 200_000);
    const { user, system } = process.cpuUsage(before.told);
    const own = cpuSeconds(process.pid) - before.own;
    expect(own).to.be.closeTo((user + system) / 1e6, 0.05);
    expect(busySeconds() - before.all).to.be.at.least(own - 0.1);
  });

  it('refuses what is none', () => {
    expect(() => cpuSecondsIn('nothing')).to.throw('no /proc/PID/stat');
    expect(() => busySecondsIn('intr 1')).to.throw('no /proc/stat');
    // The largest process id that Linux can be set to.
    expect(() => cpuSeconds(4_194_305)).to.throw('ENOENT');
  });

  it('has the resident memory in bytes', () => {
    expect(residentBytes(process.pid) / process.memoryUsage.rss()).to.be.within(0.8, 1.2);
  });
});

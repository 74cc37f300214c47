/** What the operating system says of the CPU that processes, and the whole machine, have used (`man 5 proc`). */
import { readFileSync } from 'node:fs';

/** USER_HZ, in which /proc counts: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Fields of /proc/PID/stat that follow the name: the state is the third of all. */
const userTimePlace = 14 - 3;
const systemTimePlace = 15 - 3;

/** Seconds of user and system time of all threads of a process, from the text of its /proc/PID/stat. */
export function cpuSecondsIn(stat: string): number {
  // The name stands in brackets and may hold brackets and spaces itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[userTimePlace]) + Number(fields[systemTimePlace]);
  if (!Number.isFinite(ticks)) throw new Error(`This is no /proc/PID/stat: ${stat.slice(0, 200)}`);
  return ticks / ticksPerSecond;
}

/** @throws Error if the process has ended */
export function cpuSeconds(pid: number): number {
  return cpuSecondsIn(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** Seconds that all cores together were not idle, from the text of /proc/stat. What the host took counts. */
export function busySecondsIn(stat: string): number {
  const line = /^cpu +(.+)$/m.exec(stat)?.[1];
  if (line === undefined) throw new Error(`This is no /proc/stat: ${stat.slice(0, 200)}`);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(' ').map(Number);
  return (user + nice + system + irq + softirq + steal) / ticksPerSecond;
}

export function busySeconds(): number {
  return busySecondsIn(readFileSync('/proc/stat', 'utf8'));
}

/** Seconds that the host of a virtual machine kept its cores from running; 0 where the kernel does not tell. */
export function stolenSecondsIn(stat: string): number {
  return Number(/^cpu +(?:\d+ ){7}(\d+)/m.exec(stat)?.[1] ?? 0) / ticksPerSecond;
}

export function stolenSeconds(): number {
  try {
    return stolenSecondsIn(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return 0;
  }
}

/** Resident memory in bytes, from the text of /proc/PID/status. */
export function residentBytesIn(status: string): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`This is no /proc/PID/status: ${status.slice(0, 200)}`);
  return Number(kibibytes) * 1024;
}

/** @throws Error if the process has ended */
export function residentBytes(pid: number): number {
  return residentBytesIn(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

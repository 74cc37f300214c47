/** Where a node's reports go. */
import { pino } from 'pino';
import { describeReport, type Reporter } from './nodeReport.ts';
import { makePaint, timeOfDay } from './paint.ts';

export type LogFormat = 'text' | 'json';

/** Lines for people. */
export function textReporter(stream: NodeJS.WriteStream): Reporter {
  const paint = makePaint(stream);
  return (report) => {
    const sentence = describeReport(report);
    if (sentence === undefined) return;
    const isWarning = report.type === 'warning';
    const line = isWarning ? paint.warning(`warning: ${sentence}`) : sentence;
    stream.write(`${paint.dim(timeOfDay())}  ${line}\n`);
  };
}

/** Lines for machines: pino's JSON, a field for each fact. */
export function jsonReporter(): Reporter {
  // Written at once: a process that ends right after a line must not take it along.
  const logger = pino({ base: {} }, pino.destination({ fd: 1, sync: true }));
  return (report) => {
    const sentence = describeReport(report);
    if (sentence === undefined) return;
    const { type: event, id: node, ...facts } = report;
    if ('message' in facts) logger.warn({ event, node, ...facts.about }, facts.message);
    else logger.info({ event, node, ...facts }, sentence);
  };
}

/** To the process that started this one. */
export function parentReporter(): Reporter {
  return (report) => {
    // A parent that is gone hears nothing more; this process ends, too, when it notices.
    if (process.connected) process.send?.(report, undefined, undefined, () => {});
  };
}

#!/usr/bin/env node
/** The command `xstate-raft`. */
import { runCommandLine } from './commandLine/runCommandLine.ts';

// Whoever read the output is gone (`xstate-raft status | head -1`): that is no failure of ours.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

process.exit(await runCommandLine(process.argv, (line) => process.stderr.write(`${line}\n`)));

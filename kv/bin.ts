#!/usr/bin/env node
/** The command `xstate-raft`. */
import { runCommandLine } from './commandLine/runCommandLine.ts';

process.exit(await runCommandLine(process.argv));

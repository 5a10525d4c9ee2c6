#!/usr/bin/env node
/** The program `vedette`: one command line, one exit status. */
import { createProcessIo } from './io.js';
import { runProgram } from './program.js';

process.exitCode = await runProgram(process.argv.slice(2), createProcessIo());

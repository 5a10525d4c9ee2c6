/** Runs in a network namespace of its own: loopback up, the server beside it, the client under strace. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const { trace, serverPattern, ...job } = JSON.parse(process.argv[2]);
spawnSync('ip', ['link', 'set', 'lo', 'up'], { stdio: 'inherit' });
const server = spawn(process.execPath, [`${job.dist}/cli.js`, 'serve', '--server-pattern', serverPattern], { stdio: ['ignore', 'pipe', 'inherit'] });
const [first] = await once(server.stdout.setEncoding('utf8'), 'data');
const { listening } = JSON.parse(first.split('\n')[0]);
const client = fileURLToPath(new URL('client.mjs', import.meta.url));
const strace = ['-f', '-qq', '-s', '256', '-e', 'trace=network', '-o', trace, process.execPath, client, JSON.stringify({ ...job, address: listening })];
const { status, stdout } = spawnSync('strace', strace, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 24 });
server.kill('SIGTERM');
await once(server, 'exit');
process.stdout.write(`${JSON.stringify({ status, listening, answer: status === 0 ? JSON.parse(stdout) : null })}\n`);

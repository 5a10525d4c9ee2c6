/**
 * `npm run bench`: measures the parts of vedette, and a host's own, each against a named baseline in one run.
 * docs/bench.md says how to read it; `node bench/run.mjs --help` lists the options.
 */
import { installPeers, launch } from './launch.mjs';

const args = process.argv.slice(2);
if (!['page', 'pattern', 'server'].includes(args[0]) && !args.some((arg) => ['--no-install', '--help', '--list'].includes(arg))) {
  await installPeers();
}
await launch('main', args);

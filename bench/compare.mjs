/** `node bench/compare.mjs A.json B.json`: two records side by side, as ratios. */
import { launch } from './launch.mjs';

await launch('compare', process.argv.slice(2));

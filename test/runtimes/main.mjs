/** Entry for runtimes that run a module: Node, Deno, Bun. Prints the story as one line of JSON. */
import { story } from './story.mjs';

console.log(JSON.stringify(await story()));

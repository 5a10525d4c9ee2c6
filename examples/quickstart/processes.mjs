/** The `vedette` program as other processes: one that runs to its end, and the server, which is stopped for real. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const running = new Set();

function start(args) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Ends whatever is still running: nothing outlives the quickstart. */
export function endAll() {
  for (const child of running) {
    child.kill('SIGKILL');
  }
}

/** `vedette ARGS`: its exit status and what it printed. */
export async function vedette(...args) {
  const child = start(args);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (part) => (stdout += part));
  child.stderr.setEncoding('utf8').on('data', (part) => (stderr += part));
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/** `vedette serve ARGS`: resolves when it listens. */
export async function startServer(...args) {
  const child = start(['serve', ...args]);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (part) => (stderr += part));
  const ended = once(child, 'close').then(([code]) => {
    throw new Error(`the server ended with status ${code}: ${stderr.trim()}`);
  });
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  ended.catch(() => undefined);
  const { listening, key } = JSON.parse(line);
  return {
    url: listening,
    key,
    pid: child.pid,
    /** SIGTERM, and the exit status of a server that had time to finish. */
    async stop() {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = await exit;
      return code;
    },
  };
}

/** The same where the library knows `AsyncDisposable`. */
import { createEngine } from 'vedette';

export async function used(): Promise<string> {
  await using engine = createEngine({});
  const held: AsyncDisposable = engine;
  return held === engine ? engine.status().location : '';
}

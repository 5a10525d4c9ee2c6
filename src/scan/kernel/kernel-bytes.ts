/** The kernel as it was built by `npm run kernel`; a test builds it again and compares. */
import { kernelBase64 } from './kernel.generated.js';

/** The bytes of the module. */
export function bytesOfKernel(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(kernelBase64), (char) => char.charCodeAt(0));
}

/** What is done about a queue that holds something: loaded when one does. */
export { drain } from './drain.js';
export { escalateOverdue } from './escalate.js';

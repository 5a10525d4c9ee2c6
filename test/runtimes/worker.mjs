/** Entry for workerd: the story as a test event, which prints it as one line of JSON. */
import { story } from './story.mjs';

export default {
  async test() {
    console.log(JSON.stringify({ ...(await story()), evalAllowed: evalAllowed() }));
  },
};

/** The runtime has to be one that forbids it, or nothing was shown about the core. */
function evalAllowed() {
  try {
    return new Function('return true')();
  } catch {
    return false;
  }
}

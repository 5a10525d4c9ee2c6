/** The reputation server as a Worker of its own, with the components for agents beside it. */
import { createInProcessServer, createTestSigner } from 'vedette/testing';
import { components } from './feed.mjs';

export default {
  async fetch(request) {
    const { agent, filter, server } = await components();
    switch (new URL(request.url).pathname) {
      case '/patterns/agent':
        return new Response(agent);
      case '/patterns/filter':
        return new Response(filter);
      default:
        return createInProcessServer(server, { signer: await createTestSigner(1) }).handler(request);
    }
  },
};

using Workerd = import "/workerd/workerd.capnp";

# No way out: what a worker fetches ends at the reputation worker, and what that one fetches at a closed port.
const config :Workerd.Config = (
  services = [
    (name = "story", worker = .story),
    (name = "edge", worker = .edge),
    (name = "reputation", worker = .reputation),
    (name = "internet", external = (address = "127.0.0.1:1", http = ())),
  ],
);

const date :Text = "2025-01-01";

const story :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "bundles/worker.mjs")],
  compatibilityDate = .date,
);

const edge :Workerd.Worker = (
  modules = [(name = "edge", esModule = embed "bundles/edge.mjs")],
  compatibilityDate = .date,
  globalOutbound = "reputation",
  bindings = [(name = "SELF", service = "edge")],
);

const reputation :Workerd.Worker = (
  modules = [(name = "reputation", esModule = embed "bundles/reputation.mjs")],
  compatibilityDate = .date,
);

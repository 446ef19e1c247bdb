// From what the probes read in a training to what is wrong with it.

const last = (values) => values.at(-1);
export const LAYERS = ["dense1", "dense2", "output"];

/** The readings that a diagnosis goes by, each a number; null where the network has no such part. */
export function readings(run) {
  const steps = LAYERS.map((layer) => run[`step_${layer}`]);
  return {
    first: Math.max(...steps.map((values) => values[0])), // a step beside the weights
    step: Math.max(...steps.map(last)),
    ends: run.activation === "sigmoid" ? Math.max(last(run.idle1), last(run.idle2)) : null,
    dead: run.activation === "relu" ? Math.max(last(run.idle1), last(run.idle2)) : null,
    moving: run.moving ? last(run.moving) : null,
    batch: run.batch ? last(run.batch) : null,
    loss: last(run.loss),
    accuracy: last(run.accuracy),
  };
}

/** What is wrong, by the probes alone and in the order in which one should ask. */
export function diagnose(run) {
  const { first, step, ends, dead, moving, batch, loss } = readings(run);
  if (dead !== null && dead > 0.9) return "dead";
  if (first > 1) return "large";
  if (step < 1e-4) return "small";
  if (ends !== null && ends > 0.8) return "saturated";
  if (moving !== null && Math.max(moving / batch, batch / moving) > 4) return "averages";
  return loss > 2 ? "labels" : "none";
}

package io.serin.worker;

/**
 * What bounds one rollout's replays on this worker: pairs at a time, and candidate calls a second.
 */
record Lane(Gate gate, Pace pace) {
  Lane() {
    this(new Gate(), new Pace());
  }
}

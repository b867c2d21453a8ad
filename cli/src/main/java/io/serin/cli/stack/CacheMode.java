package io.serin.cli.stack;

/** What a stack does with start-up caches: see {@link StartCaches}. */
public enum CacheMode {
  /** Those that fit are used. */
  USE,
  /** Each process writes one when it ends, which takes it some seconds. */
  RECORD
}

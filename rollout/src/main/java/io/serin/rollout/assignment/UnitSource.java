package io.serin.rollout.assignment;

import org.jspecify.annotations.Nullable;

/** What a unit rule reads: one request. */
public interface UnitSource {

  /** The header's value, or null. Names are without regard to case. */
  @Nullable String header(String name);

  /** The string or number at a dotted path of the JSON body, or null. */
  @Nullable String body(String path);
}

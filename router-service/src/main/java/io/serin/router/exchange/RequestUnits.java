package io.serin.router.exchange;

import io.serin.openai.CompletionRequest;
import io.serin.rollout.assignment.UnitSource;
import io.vertx.core.MultiMap;
import org.jspecify.annotations.Nullable;

/** One request as the unit rules see it. */
record RequestUnits(MultiMap headers, CompletionRequest request) implements UnitSource {

  @Override
  public @Nullable String header(String name) {
    return headers.get(name);
  }

  @Override
  public @Nullable String body(String path) {
    return request.field(path);
  }
}

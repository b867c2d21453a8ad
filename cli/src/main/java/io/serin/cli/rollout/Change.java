package io.serin.cli.rollout;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of whatever changes a rollout. */
final class Change {

  @Option(
      names = "--by",
      paramLabel = "NAME",
      defaultValue = "${env:USER:-unknown}",
      description =
          "Who asks, for the audit (default ${DEFAULT-VALUE}); where a token is sent, its own name"
              + " counts.")
  private String by = "unknown";

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the audit.")
  private String reason = "";

  @Option(
      names = "--expected-revision",
      paramLabel = "N",
      description = "Refuses where the rollout is at another revision by now.")
  private @Nullable Long expectedRevision;

  @Option(
      names = "--idempotency-key",
      paramLabel = "KEY",
      description = "A second call with the same key changes nothing: for pipelines that repeat.")
  private @Nullable String key;

  ControlClient.Ask ask() {
    return new ControlClient.Ask(by, reason, key, expectedRevision);
  }

  boolean reasoned() {
    return !reason.isBlank();
  }
}

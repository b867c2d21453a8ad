package io.serin.cli.rehearse;

import io.serin.rehearsal.traffic.TrafficSettings;
import io.serin.rollout.value.Quantities;
import java.time.Duration;
import picocli.CommandLine.Option;

/**
 * What the clients of a rehearsal are like; a picocli mixin. Its readers throw {@link
 * IllegalArgumentException} naming setting, value and rule.
 */
final class TrafficOptions {

  @Option(
      names = "--streamed",
      paramLabel = "SHARE",
      description = "Share of requests that ask for a stream (default ${DEFAULT-VALUE}).")
  private String streamed = "0.5";

  @Option(
      names = "--new-users",
      paramLabel = "SHARE",
      description =
          "Chance that a request is from a new user; otherwise users return, frequent ones more"
              + " often (default ${DEFAULT-VALUE}; with --pipeline 0.7).")
  private String newUsers = "0.4";

  @Option(
      names = "--conversations",
      paramLabel = "SHARE",
      description =
          "Chance that a returning user continues the last conversation, named by"
              + " x-conversation-id (default ${DEFAULT-VALUE}).")
  private String conversations = "0";

  @Option(
      names = "--completions",
      paramLabel = "SHARE",
      description = "Share of requests to /v1/completions (default ${DEFAULT-VALUE}).")
  private String completions = "0.1";

  @Option(
      names = "--feedback",
      paramLabel = "SHARE",
      description = "Share of answers that get a thumb, nine of ten up (default ${DEFAULT-VALUE}).")
  private String feedback = "0.05";

  @Option(
      names = "--deadline",
      paramLabel = "TIME",
      description = "How long a client waits for one answer (default ${DEFAULT-VALUE}).")
  private String deadline = "120s";

  @Option(
      names = "--max-in-flight",
      paramLabel = "N",
      description = "Requests under way at most (default ${DEFAULT-VALUE}).")
  private int maxInFlight = 2_000;

  @Option(
      names = "--settle",
      paramLabel = "TIME",
      description =
          "How long the counts may take to come to rest at the end (default ${DEFAULT-VALUE}).")
  private String settle = "30s";

  TrafficSettings settings(Duration length, long requests, long seed) {
    return new TrafficSettings(
        length,
        requests,
        Quantities.positiveShare("--new-users", newUsers),
        Quantities.share("--streamed", streamed),
        Quantities.share("--conversations", conversations),
        Quantities.share("--completions", completions),
        seed);
  }

  /** What {@code --new-users} is where it was not given. */
  void newUsersOtherwise(String share) {
    newUsers = share;
  }

  double feedback() {
    return Quantities.share("--feedback", feedback);
  }

  Duration deadline() {
    return Quantities.duration("--deadline", deadline);
  }

  int maxInFlight() {
    return maxInFlight;
  }

  Duration settle() {
    return Quantities.duration("--settle", settle);
  }
}

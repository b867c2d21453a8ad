package io.serin.cli.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Polls the control API until a deadline that starts with the construction. An API that does not
 * answer for a while, or that still reads its topics after a restart, is retried. Not thread-safe.
 */
public final class Waiting {

  private static final long PAUSE_MILLIS = 100;
  private static final Set<String> ENDED = Set.of("ROLLED_BACK", "ABORTED", "RETIRED");

  private final ControlClient client;
  private final Consumer<String> say;
  private final long deadline;
  private String said = "";

  /** A call that changes something, with an idempotency key: it may be sent repeatedly. */
  @FunctionalInterface
  public interface Change {
    /** Sends it. */
    JsonNode send() throws ControlException, InterruptedException;
  }

  /** How waiting for the routers ended. */
  public sealed interface Served {
    /** Every live router serves the newest command. */
    record Everywhere() implements Served {}

    /** A live router still serves an older command. */
    record Late() implements Served {}

    /**
     * A router cannot serve a part of the command.
     *
     * @param why one sentence for each router and variant
     */
    record Refused(String why) implements Served {}
  }

  /**
   * @param most how long all waiting together may take
   * @param say receives a line of progress whenever it changes
   */
  public Waiting(ControlClient client, Duration most, Consumer<String> say) {
    this.client = client;
    this.say = say;
    this.deadline = System.nanoTime() + most.toNanos();
  }

  /**
   * Sends a change until the controller has acted on it.
   *
   * @return the API's answer; its outcome is "pending" if the deadline passed first
   * @throws ControlException where the change is refused, or nothing answered until the deadline
   */
  public JsonNode change(Change change) throws ControlException, InterruptedException {
    JsonNode pending = null;
    while (true) {
      ControlException failure = null;
      try {
        JsonNode answer = change.send();
        if (!pending(answer)) {
          return answer;
        }
        pending = answer;
        progress("accepted; waiting for the controller to act on it");
      } catch (ControlException e) {
        if (!e.retriable()) {
          throw e;
        }
        failure = e;
        progress(e.getMessage() + "; retrying");
      }
      if (over()) {
        if (pending != null) {
          return pending;
        }
        if (failure != null) {
          throw failure;
        }
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** Whether the controller has not acted on a change yet. */
  public static boolean pending(JsonNode answer) {
    return answer.path("outcome").asText().equals("pending");
  }

  /**
   * Waits until every live router serves what a change led to.
   *
   * @param change the API's answer to it; one that is pending is late at once
   * @param routers how many must serve it at least
   */
  public Served served(JsonNode change, int routers) throws ControlException, InterruptedException {
    if (pending(change)) {
      return new Served.Late();
    }
    long revision = change.path("revision").asLong();
    JsonNode end =
        until(
            change.path("rollout").asText(),
            true,
            now ->
                now.path("revision").asLong() >= revision
                    && (refused(now).isPresent() || serves(now, routers)));
    if (end == null) {
      return new Served.Late();
    }
    return refused(end).<Served>map(Served.Refused::new).orElseGet(Served.Everywhere::new);
  }

  /**
   * Waits until a rollout is as wanted. The first call must be answered.
   *
   * @return the rollout; null if the deadline passed first
   */
  public @Nullable JsonNode until(String rollout, Predicate<JsonNode> wanted)
      throws ControlException, InterruptedException {
    return until(rollout, false, wanted);
  }

  private @Nullable JsonNode until(String rollout, boolean known, Predicate<JsonNode> wanted)
      throws ControlException, InterruptedException {
    boolean answered = known;
    while (true) {
      try {
        Optional<JsonNode> now = client.get(rollout);
        if (now.isEmpty() && !answered) {
          throw new ControlException(404, "rollout \"" + rollout + "\" not found");
        }
        answered = true;
        // A controller that has just started may not know the rollout yet.
        if (now.isPresent() && wanted.test(now.get())) {
          return now.get();
        }
      } catch (ControlException e) {
        if (!e.retriable() || (e.status() == 0 && !answered)) {
          throw e;
        }
        progress(e.getMessage() + "; retrying");
      }
      if (over()) {
        return null;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** What live routers refuse of a rollout that has not ended, one sentence each. */
  private static Optional<String> refused(JsonNode rollout) {
    if (ENDED.contains(rollout.path("state").asText())) {
      return Optional.empty();
    }
    List<String> all = new ArrayList<>();
    for (JsonNode router : rollout.path("routers")) {
      if (router.path("live").asBoolean()) {
        for (JsonNode each : router.path("refused")) {
          all.add(
              router.path("router").asText()
                  + " refuses a part of it: "
                  + each.path("reason").asText());
        }
      }
    }
    return all.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", all));
  }

  /** Whether every live router serves the newest command, and at least so many do. */
  public static boolean serves(JsonNode rollout, int routers) {
    int serving = 0;
    for (JsonNode router : rollout.path("routers")) {
      if (router.path("serves").asBoolean()) {
        serving++;
      } else if (router.path("live").asBoolean()) {
        return false;
      }
    }
    return serving >= routers;
  }

  private boolean over() {
    return System.nanoTime() - deadline >= 0;
  }

  private void progress(String line) {
    if (!line.equals(said)) {
      said = line;
      say.accept(line);
    }
  }
}

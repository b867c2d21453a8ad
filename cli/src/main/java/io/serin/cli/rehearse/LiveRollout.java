package io.serin.cli.rehearse;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import io.serin.cli.control.Waiting;
import io.serin.rehearsal.drive.ClientOutcome;
import io.serin.rehearsal.drive.Driver;
import io.serin.rehearsal.drive.DriverSettings;
import io.serin.rehearsal.drive.RequestResult;
import io.serin.rehearsal.fault.ScheduledFault;
import io.serin.rehearsal.model.AnswerTally;
import io.serin.rehearsal.model.ModelServers;
import io.serin.rehearsal.traffic.Arrivals;
import io.serin.rehearsal.traffic.Traffic;
import io.serin.rehearsal.traffic.TrafficSettings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * A rollout at 50 % with model servers and users of its own, as one of several on a stack. Users
 * send requests from {@link #begin} until it is closed. One thread uses it.
 */
final class LiveRollout implements AutoCloseable {

  /** How long a change may take until every router serves it. */
  static final Duration BOUND = Duration.ofSeconds(60);

  private final String name;
  private final Surroundings where;
  private final ModelServers servers;
  private final Driver driver;
  private final Traffic traffic;
  private final String yaml;
  private final Thread clients;

  /**
   * @param faults of its candidate; their times count from {@link #spoil}
   * @param rate requests a second
   */
  LiveRollout(
      String name,
      String runId,
      Surroundings where,
      List<ScheduledFault> faults,
      double rate,
      long seed,
      InstantSource time) {
    List<ModelServers.Variant> variants = Matrix.variants(seed);
    this.name = name;
    this.where = where;
    servers = ModelServers.start("127.0.0.1", variants, faults, false, time);
    driver =
        new Driver(
            new DriverSettings(where.routers(), name, Duration.ofSeconds(60), 1_000, 0, seed),
            time);
    traffic =
        new Traffic(
            runId,
            new TrafficSettings(Duration.ofMinutes(5), Long.MAX_VALUE, 0.7, 0.5, 0, 0.1, seed),
            Arrivals.poisson(rate, new SplittableRandom(seed)),
            variants.getFirst().recorded());
    yaml = RehearsedFile.plain(name, 0.5).pointedAt(servers.urls());
    clients = Thread.ofPlatform().name("serin-rails-driver-" + name).unstarted(this::drive);
  }

  private void drive() {
    try {
      driver.run(traffic);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  String name() {
    return name;
  }

  /** The file as it is applied. */
  String yaml() {
    return yaml;
  }

  /** Applies the file, waits until every router serves it, and sends users. */
  void begin(List<String> problems) throws ControlException, InterruptedException {
    ControlClient.Ask ask = ask();
    JsonNode applied =
        new Waiting(where.control(), BOUND, _ -> {})
            .change(() -> where.control().apply(yaml, ask, true));
    served(applied, name + " was applied", problems);
    clients.start();
  }

  /** The candidate's faults hold from now on. */
  void spoil() {
    servers.arm();
  }

  /** Rolls back by hand; a guard that was quicker is as good. */
  void rollBack(List<String> problems) throws ControlException, InterruptedException {
    ControlClient.Ask ask = ask();
    JsonNode change;
    try {
      change =
          new Waiting(where.control(), BOUND, _ -> {})
              .change(() -> where.control().act(name, "rollback", ask, null));
    } catch (ControlException e) {
      change = where.control().get(name).orElseThrow(() -> e);
      if (e.status() != 409 || !state(change).equals("ROLLED_BACK")) {
        throw e;
      }
    }
    served(change, name + " was rolled back", problems);
  }

  /** Waits until the controller has rolled it back by itself; a problem where it does not. */
  void awaitRollback(List<String> problems) throws ControlException, InterruptedException {
    long deadline = System.nanoTime() + BOUND.toNanos();
    String state = "";
    while (System.nanoTime() < deadline) {
      state = where.control().get(name).map(LiveRollout::state).orElse("unknown");
      if (state.equals("ROLLED_BACK")) {
        return;
      }
      Thread.sleep(200);
    }
    problems.add(
        name + " has a bad candidate and is still " + state + " after " + BOUND.toSeconds() + " s");
  }

  /** A problem where the controller holds it in another state. */
  void expectState(String expected, List<String> problems)
      throws ControlException, InterruptedException {
    String state = where.control().get(name).map(LiveRollout::state).orElse("unknown");
    if (!state.equals(expected)) {
      problems.add(name + " is " + state + ", not " + expected);
    }
  }

  private static String state(JsonNode rollout) {
    return rollout.path("state").asText();
  }

  /** What the candidate's model server has answered so far. */
  long candidateAnswers() {
    AnswerTally.Snapshot tally = servers.tallies().get("candidate");
    return tally == null ? 0 : tally.answers();
  }

  /** Requests of its users that have ended. */
  long requests() {
    return driver.results().size();
  }

  /** Stops its users and names the errors that they saw. */
  void end(List<String> problems) throws InterruptedException {
    driver.stop();
    clients.join();
    Map<ClientOutcome, Long> errors =
        driver.results().stream()
            .filter(result -> result.outcome() != ClientOutcome.OK)
            .collect(Collectors.groupingBy(RequestResult::outcome, Collectors.counting()));
    if (!errors.isEmpty()) {
      problems.add("clients of " + name + " saw errors: " + errors);
    }
  }

  private void served(JsonNode change, String what, List<String> problems)
      throws ControlException, InterruptedException {
    switch (new Waiting(where.control(), BOUND, _ -> {}).served(change, where.routers().size())) {
      case Waiting.Served.Everywhere _ -> {}
      case Waiting.Served.Refused refused -> problems.add(what + ": " + refused.why());
      case Waiting.Served.Late _ ->
          problems.add(what + ": not every router serves it after " + BOUND.toSeconds() + " s");
    }
  }

  private static ControlClient.Ask ask() {
    return ControlClient.Ask.by("rehearsal", "rails")
        .repeatable(() -> UUID.randomUUID().toString());
  }

  /** Its users stop too, where {@link #end} was not reached. */
  @Override
  public void close() {
    driver.stop();
    driver.close();
    servers.close();
  }
}

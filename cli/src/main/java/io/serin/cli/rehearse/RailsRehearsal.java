package io.serin.cli.rehearse;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import io.serin.cli.control.Waiting;
import io.serin.rehearsal.drive.ClientOutcome;
import io.serin.rehearsal.drive.Driver;
import io.serin.rehearsal.drive.DriverSettings;
import io.serin.rehearsal.drive.RequestResult;
import io.serin.rehearsal.model.ModelServers;
import io.serin.rehearsal.model.Tally;
import io.serin.rehearsal.traffic.Arrivals;
import io.serin.rehearsal.traffic.Traffic;
import io.serin.rehearsal.traffic.TrafficSettings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * One cell of the matrix' rails: under traffic the harm is done, then a person rolls back. The
 * candidate must be out of every router's traffic, and no client may see an error.
 */
final class RailsRehearsal {

  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final Duration CALM = Duration.ofSeconds(4);
  private static final Duration EFFECT = Duration.ofSeconds(4);
  private static final Duration DRAIN = Duration.ofSeconds(2);
  private static final Duration AFTER = Duration.ofSeconds(3);

  private final MatrixCell cell;
  private final RailsFault fault;
  private final Surroundings where;
  private final double rate;
  private final long seed;
  private final InstantSource time;

  RailsRehearsal(
      MatrixCell cell,
      RailsFault fault,
      Surroundings where,
      double rate,
      long seed,
      InstantSource time) {
    this.cell = cell;
    this.fault = fault;
    this.where = where;
    this.rate = rate;
    this.seed = seed;
    this.time = time;
  }

  MatrixResult run(String runId) throws ControlException, InterruptedException {
    List<ModelServers.Variant> variants = Matrix.variants(seed);
    DriverSettings settings =
        new DriverSettings(where.routers(), cell.rollout(), Duration.ofSeconds(60), 1_000, 0, seed);
    try (ModelServers servers = ModelServers.start("127.0.0.1", variants, List.of(), false, time);
        Driver driver = new Driver(settings, time)) {
      String yaml = RolloutFile.plain(cell.rollout(), 0.5).pointedAt(servers.urls());
      List<String> problems = new ArrayList<>();
      served(apply(yaml), "the rollout", problems);
      Traffic traffic =
          new Traffic(
              runId,
              new TrafficSettings(Duration.ofMinutes(5), Long.MAX_VALUE, 0.7, 0.5, 0, 0.1, seed),
              Arrivals.poisson(rate, new SplittableRandom(seed)),
              variants.getFirst().recorded());
      Thread clients =
          Thread.ofPlatform().name("serin-rails-driver").start(() -> drive(driver, traffic));
      long took;
      try {
        Thread.sleep(CALM);
        if (candidateAnswers(servers) == 0) {
          problems.add("the candidate served nobody before the rollback");
        }
        fault.inject(cell.rollout(), yaml, where.control(), new HostileRecords(where.kafka()));
        Thread.sleep(EFFECT);
        long begun = System.nanoTime();
        served(rollBack(), "the rollback", problems);
        took = System.nanoTime() - begun;
        Thread.sleep(DRAIN);
        long answers = candidateAnswers(servers);
        Thread.sleep(AFTER);
        long more = candidateAnswers(servers) - answers;
        if (more > 0) {
          problems.add("the candidate served " + more + " requests after the rollback");
        }
      } finally {
        driver.stop();
        clients.join();
      }
      List<RequestResult> results = driver.results();
      Map<ClientOutcome, Long> errors =
          results.stream()
              .filter(result -> result.outcome() != ClientOutcome.OK)
              .collect(Collectors.groupingBy(RequestResult::outcome, Collectors.counting()));
      if (!errors.isEmpty()) {
        problems.add("clients saw errors: " + errors);
      }
      return new MatrixResult(
          cell,
          "rolled back by hand",
          Duration.ofNanos(took),
          fault.kind(),
          results.size(),
          String.join("; ", problems));
    }
  }

  private static void drive(Driver driver, Traffic traffic) {
    try {
      driver.run(traffic);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long candidateAnswers(ModelServers servers) {
    Tally.Snapshot tally = servers.tallies().get("candidate");
    return tally == null ? 0 : tally.answers();
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

  private JsonNode apply(String yaml) throws ControlException, InterruptedException {
    ControlClient.Ask ask = ask();
    return new Waiting(where.control(), BOUND, _ -> {})
        .change(() -> where.control().apply(yaml, ask, true));
  }

  /** By hand; a guard that was quicker is as good. */
  private JsonNode rollBack() throws ControlException, InterruptedException {
    ControlClient.Ask ask = ask();
    try {
      return new Waiting(where.control(), BOUND, _ -> {})
          .change(() -> where.control().act(cell.rollout(), "rollback", ask, null));
    } catch (ControlException e) {
      JsonNode now = where.control().get(cell.rollout()).orElseThrow(() -> e);
      if (e.status() == 409 && now.path("state").asText().equals("ROLLED_BACK")) {
        return now;
      }
      throw e;
    }
  }

  private static ControlClient.Ask ask() {
    return ControlClient.Ask.by("rehearsal", "rails")
        .repeatable(() -> UUID.randomUUID().toString());
  }
}

package io.serin.cli.rehearse;

import com.fasterxml.jackson.databind.JsonNode;
import io.serin.cli.control.ControlClient;
import io.serin.cli.control.ControlException;
import io.serin.rehearsal.drive.ClientOutcome;
import io.serin.rehearsal.drive.Driver;
import io.serin.rehearsal.drive.RequestResult;
import io.serin.rehearsal.fault.ScheduledFault;
import io.serin.rehearsal.model.ModelServers;
import io.serin.rehearsal.model.ModelSettings;
import io.serin.rehearsal.report.Facts;
import io.serin.rehearsal.report.LiveText;
import io.serin.rehearsal.report.Model;
import io.serin.rehearsal.report.Rollback;
import io.serin.rehearsal.report.Sent;
import io.serin.rehearsal.report.TopicRecords;
import io.serin.rehearsal.traffic.Arrivals;
import io.serin.rehearsal.traffic.Trace;
import io.serin.rehearsal.traffic.Traffic;
import io.serin.rehearsal.traffic.TrafficSettings;
import io.serin.rehearsal.watch.Watcher;
import io.serin.schemas.Command;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RouterAck;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * One rehearsal: applies the rollout, drives, waits for the counts to come to rest, and hands over
 * the facts.
 */
final class Rehearsal {

  /** How long topics, commands and acknowledgements may take to be there. */
  static final Duration APPLY = Duration.ofSeconds(60);

  private static final Duration WARM = Duration.ofMillis(400);
  private static final int WARM_IN_A_ROW = 4;
  private static final int WARM_SINGLE = 20;
  private static final int WARM_BURSTS = 5;
  private static final Duration WARM_BURST = Duration.ofSeconds(1);
  private static final double WARM_RATE = 50;
  private static final double LONG_ANSWER_TOKENS = 1_000;
  private static final Duration LOOK = Duration.ofMillis(250);

  private final RehearsalPlan plan;
  private final Surroundings where;
  private final Watcher watcher;
  private final ModelServers models;
  private final Kills kills;
  private final Screen screen;
  private final InstantSource time;
  private final TopicRecords records;

  Rehearsal(
      RehearsalPlan plan,
      Surroundings where,
      Watcher watcher,
      ModelServers models,
      Kills kills,
      Screen screen,
      InstantSource time) {
    this.plan = plan;
    this.where = where;
    this.watcher = watcher;
    this.records = watcher.watch(plan.rollout().rollout());
    this.models = models;
    this.kills = kills;
    this.screen = screen;
    this.time = time;
  }

  /**
   * Rehearses.
   *
   * @param runId begins the ids of all requests
   */
  Facts run(String runId) throws RehearsalException, InterruptedException {
    String rollout = plan.rollout().rollout();
    records.listen(this::heard);
    try (Driver driver = new Driver(plan.driver(where), time)) {
      String run = apply();
      awaitServed(run);
      screen.say("  rollout " + rollout + " is served (run " + run + ")");
      int warm = warmUp(driver, runId + "-warm-up");
      screen.say("  warmed up with " + warm + " requests; the traffic begins");
      models.arm();
      Instant start = time.instant();
      kills.start(where.stack());
      drive(driver, runId, run, start);
      Instant end = time.instant();
      kills.stop();
      boolean settled = settle(driver, run, start);
      return facts(run, start, end, driver, settled);
    } catch (IllegalStateException e) {
      throw new RehearsalException(String.valueOf(e.getMessage()), e);
    } finally {
      watcher.forget(rollout);
    }
  }

  private String apply() throws RehearsalException, InterruptedException {
    ControlClient.Ask ask = ControlClient.Ask.by("rehearsal", "rehearsal");
    try {
      JsonNode answer = where.control().apply(plan.rollout().pointedAt(models.urls()), ask, true);
      return answer.path("run").asText();
    } catch (ControlException e) {
      throw new RehearsalException("the rollout cannot be applied: " + e.getMessage(), e);
    }
  }

  /** A stage begins when serin.events says so. */
  private void heard(RolloutEvent event) {
    if (event.getKind() == EventKind.STAGE_ENTERED) {
      models.stage(event.getStageName());
      kills.stage(event.getStageName());
    }
  }

  private void awaitServed(String run) throws RehearsalException, InterruptedException {
    long deadline = System.nanoTime() + APPLY.toNanos();
    while (!served(run)) {
      if (System.nanoTime() > deadline) {
        Command command = records.newestCommand();
        throw new RehearsalException(
            command == null || !command.getRun().equals(run)
                ? "no command for the rollout came within " + APPLY.toSeconds() + " s"
                : "not every router served revision %d within %d s"
                    .formatted(command.getRevision(), APPLY.toSeconds()));
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private boolean served(String run) {
    Command command = records.newestCommand();
    if (command == null || !command.getRun().equals(run)) {
      return false;
    }
    Set<String> serving = new HashSet<>();
    for (RouterAck ack : records.snapshot().acks()) {
      Long revision = ack.getRevisions().get(command.getRollout());
      if (revision != null && revision >= command.getRevision()) {
        serving.add(ack.getRouter());
      }
    }
    return serving.size() >= where.routers().size();
  }

  /**
   * Sends requests one after the other, then in bursts at the rehearsal's rate, until most are
   * answered about as quickly as the models answer: services that were just started load their code
   * on first use, which is nothing to judge a model by. What is sent here is counted like all other
   * traffic.
   *
   * @return how many it took
   */
  private int warmUp(Driver driver, String idPrefix) throws InterruptedException {
    Duration quick = quick();
    Traffic single = warmUpTraffic(idPrefix, WARM_SINGLE, LongStream.generate(() -> 0L).iterator());
    int inARow = 0;
    while (single.hasNext() && inARow < WARM_IN_A_ROW) {
      driver.run(List.of(single.next()).iterator());
      inARow = slow(List.of(driver.results().getLast()), quick) == 0 ? inARow + 1 : 0;
    }
    double perSecond = Math.min(WARM_RATE, plan.trace() == null ? plan.rate() : WARM_RATE);
    for (int burst = 1; burst <= WARM_BURSTS; burst++) {
      int before = driver.results().size();
      int requests = (int) Math.ceil(perSecond * WARM_BURST.toMillis() / 1e3);
      PrimitiveIterator.OfLong arrivals =
          Arrivals.poisson(perSecond, new SplittableRandom(plan.traffic().seed() + burst));
      driver.run(warmUpTraffic(idPrefix + "-" + burst, requests, arrivals));
      List<RequestResult> results = driver.results();
      if (slow(results.subList(before, results.size()), quick) <= requests / 10) {
        break;
      }
    }
    return driver.results().size();
  }

  private Traffic warmUpTraffic(String idPrefix, int requests, PrimitiveIterator.OfLong arrivals) {
    TrafficSettings settings =
        new TrafficSettings(Duration.ofDays(1), requests, 1, 0.5, 0, 0.1, plan.traffic().seed());
    return new Traffic(idPrefix, settings, arrivals, plan.prompts());
  }

  /** What an answer through a warm router takes at most, as a rule. */
  private Duration quick() {
    Duration slowest = Duration.ZERO;
    for (ModelServers.Variant variant : plan.models()) {
      ModelSettings model = variant.settings();
      double writing =
          model.tokensPerSecond() == 0 ? 0 : LONG_ANSWER_TOKENS / model.tokensPerSecond();
      Duration own = model.latency().usualMost().plusMillis(Math.round(writing * 1e3));
      slowest = own.compareTo(slowest) > 0 ? own : slowest;
    }
    return slowest.plus(WARM);
  }

  private static long slow(List<RequestResult> results, Duration quick) {
    return results.stream()
        .filter(
            result ->
                result.outcome() != ClientOutcome.OK
                    || result.durationMicros() > quick.toNanos() / 1_000)
        .count();
  }

  private void drive(Driver driver, String runId, String run, Instant start)
      throws RehearsalException, InterruptedException {
    Traffic traffic = new Traffic(runId, plan.traffic(), arrivals(), plan.prompts());
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform()
            .name("serin-rehearsal-driver")
            .start(
                () -> {
                  try {
                    driver.run(traffic);
                  } catch (InterruptedException | RuntimeException e) {
                    failure.set(e);
                  }
                });
    try {
      long decidedAt = 0;
      while (!thread.join(LOOK)) {
        show(driver, run, start);
        Duration after = plan.afterDecision();
        if (after != null && decidedAt == 0 && reached(run)) {
          decidedAt = System.nanoTime();
        }
        if (after != null && decidedAt != 0 && System.nanoTime() - decidedAt >= after.toNanos()) {
          driver.stop();
        }
      }
    } finally {
      driver.stop();
    }
    show(driver, run, start);
    Throwable cause = failure.get();
    if (cause != null) {
      throw new RehearsalException("the driver failed: " + cause, cause);
    }
  }

  private PrimitiveIterator.OfLong arrivals() {
    Trace trace = plan.trace();
    return trace == null
        ? Arrivals.poisson(plan.rate(), new SplittableRandom(plan.traffic().seed()))
        : Arrivals.recorded(trace, plan.speed());
  }

  /**
   * Waits until topics tell of every request and the metrics of as many, and the rest is decided.
   */
  private boolean settle(Driver driver, String run, Instant start) throws InterruptedException {
    List<RequestResult> results = driver.results();
    long unanswered = results.stream().filter(result -> result.status() == null).count();
    long deadline = System.nanoTime() + plan.settle().toNanos();
    long quietSince = System.nanoTime();
    long before = -1;
    while (System.nanoTime() < deadline) {
      long told = records.lastAttempts();
      long metrics = records.metricRequests(run);
      if (told + metrics != before) {
        before = told + metrics;
        quietSince = System.nanoTime();
      }
      boolean quiet = System.nanoTime() - quietSince > TimeUnit.SECONDS.toNanos(5);
      boolean all = told >= results.size() || (told >= results.size() - unanswered && quiet);
      if (all && metrics == told && kills.recovered() && decided(run)) {
        return true;
      }
      show(driver, run, start);
      TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
    }
    return false;
  }

  /** Whether the rollout came to an end, or to the flag that is expected of it. */
  private boolean reached(String run) {
    TopicRecords.Snapshot seen = records.snapshot();
    Rollback rollback = Rollback.find(seen, run, plan.rollout().candidates()).orElse(null);
    if (rollback != null) {
      return rollback.unconfirmed().isEmpty();
    }
    return seen.commands().stream()
            .anyMatch(
                command ->
                    command.getRun().equals(run) && command.getState() == RolloutState.PROMOTED)
        || seen.events().stream()
            .anyMatch(
                event ->
                    event.getRun().equals(run) && event.getKind() == plan.expectation().event());
  }

  /** A rollback that was ordered has been acknowledged. */
  private boolean decided(String run) {
    Rollback rollback =
        Rollback.find(records.snapshot(), run, plan.rollout().candidates()).orElse(null);
    return rollback != null ? rollback.unconfirmed().isEmpty() : true;
  }

  private void show(Driver driver, String run, Instant start) {
    Driver.Progress progress = driver.progress();
    screen.show(
        start,
        time.instant(),
        run,
        new LiveText.Clients(
            progress.begun(), progress.completed(), progress.errors(), progress.inFlight()),
        records.snapshot());
  }

  private Facts facts(String run, Instant start, Instant end, Driver driver, boolean settled) {
    Set<String> candidates = plan.rollout().candidates();
    List<Sent> sent =
        driver.results().stream()
            .map(
                result ->
                    new Sent(
                        result.id(),
                        result.outcome().name(),
                        result.status() != null
                            && result.outcome() != ClientOutcome.NEVER_CONNECTED,
                        Instant.ofEpochMilli(result.startedAtMillis()),
                        result.lateMicros(),
                        result.ttftMicros(),
                        result.durationMicros(),
                        result.detail()))
            .toList();
    List<Model> told =
        models.tallies().entrySet().stream()
            .map(
                entry ->
                    new Model(
                        entry.getKey(),
                        entry.getValue().answers(),
                        entry.getValue().bad(),
                        entry.getValue().firstBad(),
                        entry.getValue().sinceFirstBad(),
                        entry.getValue().byKind()))
            .toList();
    return new Facts(
        plan.rollout().rollout(),
        run,
        plan.expectation(),
        plan.rollout().stages(),
        plan.faults().stream().map(ScheduledFault::toString).toList(),
        plan.faultStage(),
        plan.faults().stream().anyMatch(fault -> candidates.contains(fault.variant())),
        candidates,
        start,
        end,
        sent,
        driver.progress().notSent(),
        told,
        records.snapshot(),
        kills.done(),
        settled);
  }
}

package io.serin.worker;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.serin.modelcalls.Credentials;
import io.serin.schemas.Command;
import io.serin.schemas.ShadowPlan;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.tail.TopicTail;
import io.serin.worker.ReplayPlan.Scope;
import io.serin.worker.budget.Totals;
import io.serin.worker.call.ModelCaller;
import io.serin.worker.commands.CommandFollower;
import io.serin.worker.commands.CommandTable;
import io.serin.worker.position.PendingBounds;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Replays captured requests of the past, under a name: exactly one result for each request and
 * name, however often it is begun anew. Which requests belong to it is fixed when it is first
 * begun, and kept with the position of its consumer group. Reads nothing of the live replay's
 * position and changes nothing of it. Used by one thread.
 */
public final class Backfill implements AutoCloseable {
  private static final Duration KAFKA = Duration.ofSeconds(30);
  private static final Duration DONE = Duration.ofMillis(500);

  /**
   * What is wanted.
   *
   * @param name of the backfill, 1 to 60 letters, digits, dots, - or _
   * @param from earliest capture
   * @param to latest capture, exclusive
   * @param limit most requests, drawn evenly; 0 is without limit
   * @param candidate the only one asked; null for all
   */
  public record Request(
      String name,
      String rollout,
      Instant from,
      Instant to,
      long limit,
      @Nullable String candidate) {
    public Request {
      if (!name.matches("[A-Za-z0-9._-]{1,60}")) {
        throw new IllegalArgumentException(
            "name is \"" + name + "\": it must be 1 to 60 letters, digits, dots, - or _");
      }
      if (!from.isBefore(to)) {
        throw new IllegalArgumentException("from is " + from + ": it must be before to, " + to);
      }
      if (limit < 0) {
        throw new IllegalArgumentException("limit is " + limit + ": it must be 0 (none) or more");
      }
    }
  }

  /**
   * What there is to do, and what it may cost: as many tokens as the served answers took.
   *
   * @param captured requests in the time that was asked for
   * @param requests of them that are replayed
   * @param withoutTexts of those: captured as hashes, or over the cap, so that they will be skipped
   * @param calls of models, without retries
   * @param cost in the currency of the plan's prices; null where a variant has none
   */
  public record Estimate(
      long captured,
      long requests,
      long withoutTexts,
      long calls,
      long promptTokens,
      long completionTokens,
      @Nullable Double cost) {}

  /**
   * How far it is.
   *
   * @param of all its requests; 0 where it was begun earlier and they are not counted again
   * @param state as on serin.workers
   * @param cause of the state, in words; null where it needs none
   */
  public record Progress(
      long done,
      long of,
      Map<String, Long> outcomes,
      Map<String, Long> skipped,
      long calls,
      long tokens,
      double cost,
      String state,
      @Nullable String cause) {}

  /** The rollout cannot be backfilled; the message says why. */
  public static final class BackfillException extends Exception {
    private static final long serialVersionUID = 1L;

    BackfillException(String message) {
      super(message);
    }
  }

  private final KafkaConnection connection;
  private final Request request;
  private final int attempts;
  private final CommandTable commands = new CommandTable();
  private final ModelCaller caller = new ModelCaller(Credentials.ofProcess());
  private final LaneId id;
  private BackfillScan.@Nullable Scanned scanned;
  private @Nullable TopicTail<Command> tail;

  /**
   * @param attempts of one model, first included, before a failure is final
   */
  public Backfill(KafkaConnection connection, Request request, int attempts) {
    this.connection = connection;
    this.request = request;
    this.attempts = attempts;
    this.id = new LaneId(request.rollout(), request.name());
  }

  /** What there is to do. Reads the captured requests; asks no model. */
  public Estimate estimate() throws BackfillException, InterruptedException {
    return scanned().estimate();
  }

  /** Whether it was begun before: it then continues with the requests that it had. */
  public boolean begunBefore() throws InterruptedException {
    try (Admin admin = connection.admin()) {
      return !committed(admin).isEmpty();
    }
  }

  /**
   * Replays, and returns when all is done.
   *
   * @param progress told about every half second
   */
  public Progress run(Consumer<Progress> progress) throws BackfillException, InterruptedException {
    follow();
    long of = 0;
    try (Admin admin = connection.admin()) {
      if (committed(admin).isEmpty()) {
        BackfillScan.Scanned found = scanned();
        of = found.estimate().requests();
        get(admin.alterConsumerGroupOffsets(id.group(), found.starts()).all());
      }
    }
    AtomicReference<@Nullable String> fatal = new AtomicReference<>();
    String worker = "backfill-" + request.name();
    RolloutReplay lane =
        new RolloutReplay(
            id,
            new Scope(true, request.candidate()),
            connection,
            new RolloutReplay.Settings(worker, new PendingBounds(100, 16L << 20), attempts),
            caller,
            commands,
            new WorkerMetrics(new SimpleMeterRegistry(), request.rollout()),
            InstantSource.system(),
            fatal::set);
    try (StatusTeller teller = new StatusTeller(connection, worker)) {
      try (lane) {
        lane.start();
        while (!lane.drained(DONE)) {
          String reason = fatal.get();
          if (reason != null) {
            throw new BackfillException(
                "another process runs backfill \"" + request.name() + "\" now");
          }
          Thread.sleep(500);
          teller.tell(id, lane.status(Instant.now()));
          progress.accept(progress(lane, of));
        }
      }
      teller.tell(id, lane.status(Instant.now()));
      return progress(lane, of);
    }
  }

  @Override
  public void close() {
    TopicTail<Command> following = tail;
    if (following != null) {
      following.close();
    }
    caller.close();
  }

  private static Progress progress(RolloutReplay lane, long of) {
    Totals totals = lane.totals();
    var status = lane.status(Instant.now());
    long done = sum(totals.outcomes()) + sum(totals.skipped());
    return new Progress(
        done,
        of,
        new TreeMap<>(totals.outcomes()),
        new TreeMap<>(totals.skipped()),
        totals.used().calls(),
        totals.used().tokens(),
        totals.used().cost(),
        status.getState(),
        status.getCause());
  }

  private Command follow() throws BackfillException, InterruptedException {
    Command known = commands.get(request.rollout());
    if (known == null) {
      TopicTail<Command> follower = CommandFollower.of(connection, commands);
      tail = follower;
      follower.start();
      if (!follower.awaitCaughtUp(KAFKA)) {
        throw new BackfillException(
            "serin.commands cannot be read within " + KAFKA.toSeconds() + " s");
      }
      known = commands.get(request.rollout());
    }
    if (known == null) {
      throw new BackfillException("rollout \"" + request.rollout() + "\" not found");
    }
    ShadowPlan plan = ReplayPlan.plan(known, new Scope(true, null));
    String wanted = request.candidate();
    if (plan == null || (wanted != null && !plan.getCandidates().contains(wanted))) {
      throw new BackfillException(
          "candidate is \""
              + wanted
              + "\": the rollout's candidates are "
              + (plan == null ? List.of() : plan.getCandidates()));
    }
    return known;
  }

  private BackfillScan.Scanned scanned() throws BackfillException, InterruptedException {
    BackfillScan.Scanned known = scanned;
    if (known == null) {
      known = new BackfillScan(connection, request, follow()).scan();
      scanned = known;
    }
    return known;
  }

  private Map<TopicPartition, OffsetAndMetadata> committed(Admin admin)
      throws InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> known = new HashMap<>();
    get(admin.listConsumerGroupOffsets(id.group()).partitionsToOffsetAndMetadata())
        .forEach(
            (partition, offset) -> {
              if (offset != null) {
                known.put(partition, offset);
              }
            });
    return known;
  }

  private static <T> T get(org.apache.kafka.common.KafkaFuture<T> future)
      throws InterruptedException {
    try {
      return future.get(KAFKA.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new KafkaException("Kafka does not answer", e);
    }
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }
}

package io.serin.worker;

import io.serin.schemas.Command;
import io.serin.schemas.WorkerStatus;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topics;
import io.serin.worker.ReplayPlan.Scope;
import io.serin.worker.budget.Totals;
import io.serin.worker.commands.CommandTable;
import io.serin.worker.position.CommitText;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lanes of one worker: one for each rollout that shadows, begun as its command comes, ended
 * when the rollout shadows no more and nothing is left to tell. Tells how they stand, and what
 * other workers have used of a shared budget. Confined to the thread that calls {@link #turn}, but
 * for what is said to be otherwise.
 */
final class RolloutReplays implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RolloutReplays.class);
  private static final Duration DRAINED = Duration.ofSeconds(3);
  private static final Duration STALLED = Duration.ofSeconds(60);
  private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long KAFKA_SECONDS = 5;

  private final KafkaConnection connection;
  private final CommandTable commands;
  private final InstantSource clock;
  private final Function<LaneId, RolloutReplay> make;
  private final Map<String, RolloutReplay> lanes = new ConcurrentHashMap<>();
  private final StatusTeller teller;
  private final Set<String> looked = new HashSet<>();
  private @Nullable Admin admin;
  private long toldAt = System.nanoTime() - TELL_NANOS;
  private long lookedAt = System.nanoTime();
  private volatile boolean turned;

  /**
   * @param make a lane that is not started
   */
  RolloutReplays(
      KafkaConnection connection,
      String worker,
      CommandTable commands,
      InstantSource clock,
      Function<LaneId, RolloutReplay> make) {
    this.connection = connection;
    this.teller = new StatusTeller(connection, worker);
    this.commands = commands;
    this.clock = clock;
    this.make = make;
  }

  /** Begins and ends lanes, and tells; to be called a few times a second. */
  void turn() {
    for (Command command : commands.all()) {
      LaneId id = LaneId.live(command.getRollout());
      RolloutReplay lane = lanes.get(id.rollout());
      boolean active = ReplayPlan.plan(command, Scope.LIVE) != null;
      if (lane == null && (active || leftBehind(id))) {
        RolloutReplay begun = make.apply(id);
        lanes.put(id.rollout(), begun);
        begun.start();
      } else if (lane != null && !active && lane.drained(DRAINED)) {
        end(lane);
      }
    }
    turned = true;
    long now = System.nanoTime();
    if (now - lookedAt > LOOK_NANOS) {
      lookedAt = now;
      lanes.values().stream().filter(RolloutReplay::sharesABudget).forEach(this::lookAtOthers);
    }
    if (now - toldAt > TELL_NANOS) {
      toldAt = now;
      lanes.values().forEach(this::tell);
    }
  }

  /** Whether every lane that the commands ask for reads. Thread-safe. */
  boolean reading() {
    return turned && lanes.values().stream().allMatch(RolloutReplay::reading);
  }

  /** Whether a lane stands still. Thread-safe. */
  boolean stalled() {
    return lanes.values().stream().anyMatch(lane -> lane.stalled(STALLED));
  }

  /** How the lanes stand. Thread-safe. */
  List<WorkerStatus> statuses() {
    return lanes.values().stream().map(lane -> lane.status(clock.instant())).toList();
  }

  @Override
  public void close() {
    List<Thread> closing =
        lanes.values().stream().map(lane -> Thread.ofVirtual().start(lane::close)).toList();
    for (Thread each : closing) {
      try {
        each.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    lanes.values().forEach(this::tell);
    lanes.clear();
    teller.close();
    if (admin != null) {
      admin.close(Duration.ofSeconds(1));
    }
  }

  private void end(RolloutReplay lane) {
    lane.close();
    tell(lane);
    lanes.remove(lane.id().rollout());
  }

  /** Whether a rollout that is over has a group, so that requests may be left without a result. */
  private boolean leftBehind(LaneId id) {
    if (!looked.add(id.rollout())) {
      return false;
    }
    try {
      return !offsets(id).isEmpty();
    } catch (KafkaException e) {
      looked.remove(id.rollout()); // asked again at the next turn
      unavailable(e);
      return false;
    }
  }

  private void lookAtOthers(RolloutReplay lane) {
    try {
      Totals others = Totals.NONE;
      for (var each : offsets(lane.id()).entrySet()) {
        if (each.getKey().topic().equals(Topics.PAYLOADS.name())
            && !lane.partitions().contains(each.getKey().partition())) {
          Totals theirs = CommitText.parse(each.getValue().metadata()).totals();
          others =
              others.run().isEmpty() || others.hour() >= theirs.hour()
                  ? others.plus(theirs)
                  : theirs;
        }
      }
      lane.others(others);
    } catch (KafkaException e) {
      unavailable(e); // what was known stays known
    }
  }

  private Map<TopicPartition, OffsetAndMetadata> offsets(LaneId id) {
    Admin asked = admin;
    if (asked == null) {
      asked = connection.admin();
      admin = asked;
    }
    try {
      Map<TopicPartition, OffsetAndMetadata> known = new HashMap<>();
      asked
          .listConsumerGroupOffsets(id.group())
          .partitionsToOffsetAndMetadata()
          .get(KAFKA_SECONDS, TimeUnit.SECONDS)
          .forEach(
              (partition, offset) -> {
                if (offset != null) {
                  known.put(partition, offset);
                }
              });
      return known;
    } catch (ExecutionException | TimeoutException e) {
      throw new KafkaException("the offsets of " + id.group() + " cannot be read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted", e);
    }
  }

  private void tell(RolloutReplay lane) {
    teller.tell(lane.id(), lane.status(clock.instant()));
  }

  private static void unavailable(Exception e) {
    LOG.atDebug()
        .addKeyValue("event", "offsets.unread")
        .addKeyValue("cause", e.toString())
        .log("what other workers did cannot be read now");
  }
}

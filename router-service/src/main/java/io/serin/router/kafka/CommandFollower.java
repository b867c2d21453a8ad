package io.serin.router.kafka;

import io.serin.router.ports.CommandTarget;
import io.serin.schemas.Command;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.tail.ReaderState;
import io.serin.schemas.tail.TopicTail;
import io.serin.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads serin.commands, all of it and then as it grows, on a thread of its own, and has each
 * rollout's newest command adopted. The highest revision wins, in whatever order commands arrive.
 *
 * <p>Without Kafka the stored commands are served, an active run's by control alone, since its
 * candidate may no longer be wanted.
 */
public final class CommandFollower implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CommandFollower.class);

  /** How long a broker may hold a fetch back; it answers at once when a command is committed. */
  private static final int FETCH_WAIT_MILLIS = 500;

  private static final Duration PAUSE = Duration.ofMillis(250);

  private final KnownCommands known;
  private final Duration patience;
  private final LongSupplier nanoTime;
  private final TopicTail<Command> tail;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final long startedNanos;
  private volatile Runnable onAdopted = () -> {};

  /**
   * @param file where the last commands are kept
   * @param patience how long to try Kafka before serving by the file
   */
  public CommandFollower(
      KafkaConnection kafka, Path file, CommandTarget target, Duration patience) {
    this(() -> kafka.consumer(consumerConfig()), file, target, patience, System::nanoTime);
  }

  CommandFollower(
      Supplier<? extends Consumer<String, Command>> consumers,
      Path file,
      CommandTarget target,
      Duration patience,
      LongSupplier nanoTime) {
    this.known = new KnownCommands(file, target, () -> onAdopted.run());
    this.patience = patience;
    this.nanoTime = nanoTime;
    this.startedNanos = nanoTime.getAsLong();
    this.tail =
        new TopicTail<>(
            "command-follower",
            consumers,
            List.of(new TopicTail.Source(Topics.COMMANDS.name(), new TopicTail.From.Beginning())),
            PAUSE,
            new Adopting());
  }

  /**
   * Runs after each completed adoption, on the thread that completed it: it must not block. Set
   * before start.
   */
  public void onAdopted(Runnable listener) {
    onAdopted = listener;
  }

  public void start() {
    tail.start();
  }

  /**
   * Completes when every command is adopted that was on the topic at the start, or, if Kafka does
   * not answer in time, every stored command. Does not complete if there is neither.
   */
  public CompletableFuture<Void> ready() {
    return ready.copy();
  }

  /** The highest revision of each rollout that was adopted everywhere; a snapshot. */
  public Map<String, Long> adopted() {
    return known.adopted();
  }

  /** Whether the topic is being read at its end. */
  public boolean following() {
    return tail.following();
  }

  /** What the reading thread is doing. */
  public ReaderState state() {
    return tail.state();
  }

  /** Unreadable commands that were skipped. */
  public long skipped() {
    return tail.skipped();
  }

  @Override
  public void close() {
    tail.close();
  }

  /** Collects the whole topic before anything is adopted; after that adopts each command. */
  private final class Adopting implements TopicTail.Handler<Command> {

    private final Map<String, Command> logged = new HashMap<>();
    private boolean whole;

    @Override
    public void begins() {
      logged.clear();
      whole = false;
    }

    @Override
    public void read(ConsumerRecord<String, Command> record) {
      Command command = record.value();
      if (whole) {
        known.read(List.of(command));
      } else {
        logged.merge(
            command.getRollout(), command, (a, b) -> b.getRevision() >= a.getRevision() ? b : a);
      }
    }

    @Override
    public void caughtUp() {
      known.readWhole(Map.copyOf(logged));
      logged.clear();
      whole = true;
      becomeReady("kafka");
    }

    /** Serves by the stored commands if Kafka did not answer in time. */
    @Override
    public void idle() {
      if (!ready.isDone()
          && nanoTime.getAsLong() - startedNanos >= patience.toNanos()
          && known.readStored()) {
        becomeReady("disk");
      }
    }
  }

  private void becomeReady(String source) {
    if (ready.complete(null)) {
      LOG.atInfo()
          .addKeyValue("event", "commands-ready")
          .addKeyValue("source", source)
          .addKeyValue("rollouts", known.size())
          .log("commands loaded");
    }
  }

  private static Map<String, Object> consumerConfig() {
    return Map.of(
        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
        FETCH_WAIT_MILLIS,
        ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
        500);
  }
}

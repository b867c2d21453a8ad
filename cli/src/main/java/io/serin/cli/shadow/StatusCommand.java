package io.serin.cli.shadow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.cli.command.Terminal;
import io.serin.schemas.WorkerStatus;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.connect.KafkaOptions;
import io.serin.schemas.json.JsonText;
import io.serin.schemas.topics.Topics;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code serin shadow status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Shows how replays stand, worker by worker: what holds them up, lag, and cost.",
    footer = {"", "Examples:", "  serin shadow status", "  serin shadow status assistant --json"})
final class StatusCommand implements Callable<Integer> {

  /** A worker tells at least every ten seconds. */
  private static final Duration SILENT = Duration.ofSeconds(30);

  @Mixin private Terminal terminal = new Terminal();

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  @Parameters(
      arity = "0..1",
      paramLabel = "ROLLOUT",
      description = "The rollout's name (default: all).")
  private @Nullable String rollout;

  @Option(names = "--json", description = "As one JSON array.")
  private boolean json;

  @Override
  public Integer call() {
    Collection<WorkerStatus> statuses;
    try {
      statuses = read(kafka.connection()).values();
    } catch (KafkaException e) {
      terminal.err().println("serin: Kafka does not answer: " + e.getMessage());
      return 3;
    }
    List<WorkerStatus> wanted =
        statuses.stream()
            .filter(each -> rollout == null || rollout.equals(each.getRollout()))
            .toList();
    PrintWriter out = terminal.out();
    if (json) {
      out.println(JsonText.line(wanted.stream().map(StatusCommand::json).toList()));
    } else if (wanted.isEmpty()) {
      out.println(
          "No worker has reported replays" + (rollout == null ? "." : " of " + rollout + "."));
    } else {
      wanted.forEach(each -> out.println(text(each, Instant.now())));
    }
    out.flush();
    return 0;
  }

  /** The newest status of each worker and rollout. */
  private static Map<String, WorkerStatus> read(KafkaConnection connection) {
    Map<String, WorkerStatus> newest = new TreeMap<>();
    try (KafkaConsumer<String, WorkerStatus> consumer = connection.consumer(Map.of())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.WORKERS.name()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<String, WorkerStatus> record : consumer.poll(Duration.ofMillis(200))) {
          newest.put(record.key(), record.value());
        }
      }
    }
    return newest;
  }

  static String text(WorkerStatus status, Instant now) {
    Duration age = Duration.between(status.getAt(), now);
    boolean silent = age.compareTo(SILENT) > 0 && !status.getState().equals("stopped");
    String backfill =
        status.getBackfill() == null ? "" : " (backfill " + status.getBackfill() + ")";
    return String.format(
        Locale.ROOT,
        "%s%s on %s: %s%s%n  lag %d, pending %d, asking %d of %d%n  measured %s, skipped %s%n"
            + "  %d calls, %d tokens, cost %.4f; all workers: %d calls, %d tokens, cost %.4f",
        status.getRollout(),
        backfill,
        status.getWorker(),
        silent
            ? "silent for " + age.toSeconds() + " s, was " + status.getState()
            : status.getState(),
        status.getCause() == null ? "" : " (" + status.getCause() + ")",
        status.getLag(),
        status.getPending(),
        status.getInFlight(),
        status.getPlaces(),
        new TreeMap<>(status.getOutcomes()),
        new TreeMap<>(status.getSkipped()),
        status.getCalls(),
        status.getPromptTokens() + status.getCompletionTokens(),
        status.getCost(),
        status.getCallsOfAll(),
        status.getTokensOfAll(),
        status.getCostOfAll());
  }

  private static ObjectNode json(WorkerStatus status) {
    return JsonText.fields(
        status,
        "worker",
        "rollout",
        "backfill",
        "run",
        "at",
        "state",
        "cause",
        "lag",
        "pending",
        "inFlight",
        "places",
        "outcomes",
        "skipped",
        "calls",
        "promptTokens",
        "completionTokens",
        "cost",
        "callsOfAll",
        "tokensOfAll",
        "costOfAll");
  }
}

package io.serin.worker;

import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Command;
import io.serin.schemas.Measurement;
import io.serin.schemas.ShadowPlan;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.tail.RecordReader;
import io.serin.schemas.topics.Topics;
import io.serin.worker.ReplayPlan.Scope;
import io.serin.worker.budget.Draw;
import io.serin.worker.budget.Prices;
import io.serin.worker.budget.Spend;
import io.serin.worker.budget.Totals;
import io.serin.worker.position.CommitText;
import io.serin.worker.position.CommitText.Range;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads the captured requests of a backfill's time once: which of them belong to it, where its
 * consumer group begins, and what it may cost.
 */
final class BackfillScan {
  private static final Duration KAFKA = Duration.ofSeconds(30);

  /** A record is appended this long after its capture, at most. */
  private static final Duration APPENDED_WITHIN = Duration.ofMinutes(10);

  /**
   * What was found.
   *
   * @param starts the commits that the backfill begins with
   */
  record Scanned(Map<TopicPartition, OffsetAndMetadata> starts, Backfill.Estimate estimate) {}

  /** A captured request of the time; texts is false when it will be skipped without them. */
  private record Seen(long draw, boolean texts, Spend expected) {}

  private final KafkaConnection connection;
  private final Backfill.Request request;
  private final Command command;
  private final List<Seen> seen = new ArrayList<>();

  BackfillScan(KafkaConnection connection, Backfill.Request request, Command command) {
    this.connection = connection;
    this.request = request;
    this.command = command;
  }

  /** Reads the captured requests of the time; asks no model. */
  Scanned scan() {
    Map<TopicPartition, Long> starts = new HashMap<>();
    Map<TopicPartition, Long> ends;
    try (org.apache.kafka.clients.consumer.Consumer<String, CapturedPayload> consumer =
        connection.consumer(Map.of())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.PAYLOADS.name()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      ends = new HashMap<>(consumer.endOffsets(partitions));
      at(consumer, partitions, request.to().plus(APPENDED_WITHIN)).forEach(ends::put);
      starts.putAll(ends);
      at(consumer, partitions, request.from()).forEach(starts::put);
      starts.forEach(consumer::seek);
      new RecordReader(KAFKA).readTo(consumer, ends, record -> add(record.value()));
    }
    long threshold = threshold(request.limit());
    Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
    starts.forEach(
        (partition, start) ->
            commits.put(
                partition,
                new OffsetAndMetadata(
                    start,
                    new CommitText(
                            "",
                            Totals.NONE,
                            new Range(
                                end(ends, partition),
                                request.from().toEpochMilli(),
                                request.to().toEpochMilli(),
                                threshold))
                        .text())));
    return new Scanned(commits, estimate(threshold));
  }

  private static long end(Map<TopicPartition, Long> ends, TopicPartition partition) {
    return ends.getOrDefault(partition, 0L);
  }

  private static Map<TopicPartition, Long> at(
      org.apache.kafka.clients.consumer.Consumer<String, CapturedPayload> consumer,
      List<TopicPartition> partitions,
      Instant time) {
    Map<TopicPartition, Long> wanted = new HashMap<>();
    partitions.forEach(partition -> wanted.put(partition, time.toEpochMilli()));
    Map<TopicPartition, Long> found = new HashMap<>();
    for (Map.Entry<TopicPartition, @Nullable OffsetAndTimestamp> each :
        consumer.offsetsForTimes(wanted).entrySet()) {
      OffsetAndTimestamp offset = each.getValue();
      if (offset != null) {
        found.put(each.getKey(), offset.offset());
      }
    }
    return found;
  }

  private void add(@Nullable CapturedPayload payload) {
    if (payload == null
        || !payload.getRollout().equals(request.rollout())
        || payload.getCapturedAt().isBefore(request.from())
        || !payload.getCapturedAt().isBefore(request.to())) {
      return;
    }
    long draw = Draw.number("backfill", payload.getRequestId());
    boolean texts = payload.getOmitted() == null;
    Spend expected = Spend.NOTHING;
    if (texts
        && ReplayPlan.of(payload, command, new Scope(true, request.candidate()))
            instanceof ReplayPlan.Replay plan) {
      for (var candidate : plan.candidates()) {
        expected =
            expected.plus(expected(payload, candidate.getName(), plan.answers(), plan.shadow()));
        if (plan.control() != null) {
          expected =
              expected.plus(
                  expected(
                      payload, plan.control().getName(), plan.controlAnswers(), plan.shadow()));
        }
      }
    }
    seen.add(new Seen(draw, texts, expected));
  }

  private long threshold(long limit) {
    if (limit == 0 || seen.size() <= limit) {
      return Long.MAX_VALUE;
    }
    long[] draws = seen.stream().mapToLong(Seen::draw).sorted().toArray();
    return draws[(int) limit - 1];
  }

  private Backfill.Estimate estimate(long threshold) {
    List<Seen> taken = seen.stream().filter(each -> each.draw() <= threshold).toList();
    Spend all = taken.stream().map(Seen::expected).reduce(Spend.NOTHING, Spend::plus);
    return new Backfill.Estimate(
        seen.size(),
        taken.size(),
        taken.stream().filter(each -> !each.texts()).count(),
        all.calls(),
        all.promptTokens(),
        all.completionTokens(),
        all.unpriced() > 0 ? null : all.cost());
  }

  private static Spend expected(
      CapturedPayload payload, String variant, int answers, ShadowPlan plan) {
    Measurement served = Measurement.newBuilder(payload.getServed()).setCachedTokens(null).build();
    if (served.getPromptTokens() == null) {
      served.setPromptTokens((long) payload.getRequestBytes() / 4); // a token is about four bytes
    }
    Spend once = Prices.of(variant, served, plan.getBudget());
    Spend all = Spend.NOTHING;
    for (int i = 0; i < answers; i++) {
      all = all.plus(once);
    }
    return all;
  }
}

package io.serin.analytics.notify;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;

/**
 * Up to where each partition is finished, while deliveries end in any order. What is committed
 * leaves nothing undelivered behind it. Thread-safe.
 */
final class Ledger {
  private final Map<TopicPartition, NavigableMap<Long, Integer>> open = new HashMap<>();
  private final Map<TopicPartition, Long> read = new HashMap<>();
  private int pending;

  /** A record was read that so many webhooks are to be told of. */
  synchronized void begin(TopicPartition partition, long offset, int deliveries) {
    read.put(partition, offset + 1);
    if (deliveries > 0) {
      open.computeIfAbsent(partition, p -> new TreeMap<>()).put(offset, deliveries);
      pending += deliveries;
    }
  }

  /** One delivery of the record has ended. */
  synchronized void end(TopicPartition partition, long offset) {
    NavigableMap<Long, Integer> left = open.get(partition);
    Integer deliveries = left == null ? null : left.get(offset);
    if (left == null || deliveries == null) {
      return; // The partition is another instance's by now.
    }
    pending--;
    if (deliveries > 1) {
      left.put(offset, deliveries - 1);
    } else {
      left.remove(offset);
    }
  }

  /** Deliveries that have not ended. */
  synchronized int pending() {
    return pending;
  }

  /** Next offset of each partition to begin at after a restart. */
  synchronized Map<TopicPartition, Long> finished() {
    Map<TopicPartition, Long> finished = new HashMap<>();
    read.forEach(
        (partition, next) -> {
          NavigableMap<Long, Integer> left = open.get(partition);
          finished.put(partition, left == null || left.isEmpty() ? next : left.firstKey());
        });
    return finished;
  }

  /** Forgets a partition. */
  synchronized void forget(TopicPartition partition) {
    read.remove(partition);
    NavigableMap<Long, Integer> left = open.remove(partition);
    if (left != null) {
      pending -= left.values().stream().mapToInt(Integer::intValue).sum();
    }
  }
}

package io.serin.analytics.notify;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * How far each receiver is in each partition. What {@link #finished} gives is committed to Kafka:
 * the offset before which everything has ended, and in its metadata how much further each receiver
 * is. After a restart, {@link #resume} continues from it, and a receiver that had its notices does
 * not get them again because another one had not. Thread-safe.
 *
 * <p>The metadata is {@code 1;RECEIVER=AHEAD,…}: offsets ahead of the committed one, in base 36. A
 * broker takes 4,096 bytes of it, about 250 receivers that are ahead; further ones are left out and
 * may get notices again.
 */
final class Ledger {
  private static final String VERSION = "1;";
  private static final int MOST_METADATA = 4_000;

  /** Offsets of one partition that one receiver has not finished, and the next that it needs. */
  private static final class Lane {
    final TreeSet<Long> open = new TreeSet<>();
    long next;

    /** Everything before it has ended. */
    long mark() {
      return open.isEmpty() ? next : open.getFirst();
    }
  }

  private static final class Partition {
    final Map<String, Lane> lanes = new TreeMap<>();
    long read;
    @Nullable OffsetAndMetadata committed;

    long finished() {
      return lanes.values().stream()
          .filter(lane -> !lane.open.isEmpty())
          .mapToLong(Lane::mark)
          .min()
          .orElse(read);
    }
  }

  private final Map<TopicPartition, Partition> partitions = new HashMap<>();

  /**
   * Continues from what was committed.
   *
   * @param committed null where nothing was
   */
  synchronized void resume(TopicPartition at, @Nullable OffsetAndMetadata committed) {
    Partition partition = new Partition();
    if (committed != null) {
      partition.read = committed.offset();
      partition.committed = committed;
      partition.lanes.putAll(lanes(committed));
      partitions.put(at, partition);
    } else {
      partitions.remove(at);
    }
  }

  /** Whether a receiver had this record before. */
  synchronized boolean had(TopicPartition at, long offset, String receiver) {
    Partition partition = partitions.get(at);
    Lane lane = partition == null ? null : partition.lanes.get(receiver);
    return lane != null && offset < lane.next && !lane.open.contains(offset);
  }

  /** A record was read that these receivers are to be sent. */
  synchronized void begin(TopicPartition at, long offset, Collection<String> receivers) {
    Partition partition = partitions.computeIfAbsent(at, _ -> new Partition());
    partition.read = offset + 1;
    for (String receiver : receivers) {
      Lane lane = partition.lanes.computeIfAbsent(receiver, _ -> new Lane());
      lane.open.add(offset);
      lane.next = offset + 1;
    }
  }

  /** The delivery of a record to a receiver has ended. */
  synchronized void end(TopicPartition at, long offset, String receiver) {
    Partition partition = partitions.get(at);
    Lane lane = partition == null ? null : partition.lanes.get(receiver);
    if (lane != null) {
      lane.open.remove(offset);
    }
  }

  /** Deliveries that have not ended. */
  synchronized int pending() {
    return partitions.values().stream()
        .flatMap(partition -> partition.lanes.values().stream())
        .mapToInt(lane -> lane.open.size())
        .sum();
  }

  /** What to commit: only partitions whose progress is not committed yet. */
  synchronized Map<TopicPartition, OffsetAndMetadata> finished() {
    Map<TopicPartition, OffsetAndMetadata> finished = new HashMap<>();
    partitions.forEach(
        (at, partition) -> {
          long from = partition.finished();
          partition.lanes.values().removeIf(lane -> lane.open.isEmpty() && lane.next <= from);
          OffsetAndMetadata now = new OffsetAndMetadata(from, metadata(from, partition.lanes));
          if (!now.equals(partition.committed)) {
            finished.put(at, now);
          }
        });
    return finished;
  }

  /** What {@link #finished} gave is durable. */
  synchronized void committed(Map<TopicPartition, OffsetAndMetadata> finished) {
    finished.forEach(
        (at, offset) -> {
          Partition partition = partitions.get(at);
          if (partition != null) {
            partition.committed = offset;
          }
        });
    notifyAll();
  }

  /**
   * Waits until the end of a delivery is durable, so that only the next one can be repeated after a
   * crash; not longer than the bound, since an unavailable Kafka holds up no notice.
   */
  synchronized void awaitCommitted(TopicPartition at, long offset, String receiver, Duration most)
      throws InterruptedException {
    long deadline = System.nanoTime() + most.toNanos();
    while (!durable(at, offset, receiver)) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return;
      }
      wait(left);
    }
  }

  private boolean durable(TopicPartition at, long offset, String receiver) {
    Partition partition = partitions.get(at);
    if (partition == null) {
      return true; // Another instance's by now.
    }
    OffsetAndMetadata committed = partition.committed;
    if (committed == null) {
      return false;
    }
    Lane lane = lanes(committed).get(receiver);
    return offset < committed.offset() || (lane != null && offset < lane.next);
  }

  /** Forgets a partition. */
  synchronized void forget(TopicPartition at) {
    partitions.remove(at);
    notifyAll();
  }

  private static String metadata(long from, Map<String, Lane> lanes) {
    StringBuilder text = new StringBuilder(VERSION);
    lanes.forEach(
        (receiver, lane) -> {
          long ahead = lane.mark() - from;
          String entry = receiver + "=" + Long.toString(ahead, Character.MAX_RADIX) + ",";
          if (ahead > 0 && text.length() + entry.length() <= MOST_METADATA) {
            text.append(entry);
          }
        });
    return text.toString();
  }

  private static Map<String, Lane> lanes(OffsetAndMetadata committed) {
    Map<String, Lane> lanes = new TreeMap<>();
    String text = committed.metadata();
    if (!text.startsWith(VERSION)) {
      return lanes; // Of an earlier version: no receiver is ahead.
    }
    for (String entry : text.substring(VERSION.length()).split(",")) {
      int equals = entry.indexOf('=');
      if (equals > 0) {
        Lane lane = new Lane();
        lane.next =
            committed.offset() + Long.parseLong(entry.substring(equals + 1), Character.MAX_RADIX);
        lanes.put(entry.substring(0, equals), lane);
      }
    }
    return lanes;
  }
}

package io.serin.schemas.topics;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;

/**
 * How many partitions the topics have. Fixed when the topics are created: a unit's history would
 * otherwise change its partition.
 *
 * @param unit of every topic keyed by unit, 1 … 10000
 * @param rollout of every topic keyed by rollout, router or worker, 1 … 10000
 */
public record Partitions(int unit, int rollout) {

  public Partitions {
    check("unit-partitions", unit);
    check("rollout-partitions", rollout);
  }

  /** Partitions of one topic. */
  public int of(Topic topic) {
    return topic.key() == Topic.Key.UNIT ? unit : rollout;
  }

  /** The partition of a unit: what Kafka's own partitioner gives its key. */
  public int ofUnit(String unitKey) {
    return Utils.toPositive(Utils.murmur2(unitKey.getBytes(StandardCharsets.UTF_8))) % unit;
  }

  private static void check(String setting, int value) {
    if (value < 1 || value > 10_000) {
      throw new IllegalArgumentException(
          setting + " is " + value + ": it must be between 1 and 10000");
    }
  }
}

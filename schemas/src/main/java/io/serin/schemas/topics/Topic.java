package io.serin.schemas.topics;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One topic of the catalogue.
 *
 * @param name as Kafka knows it
 * @param key what the record's key is, UTF-8, always
 * @param value the Avro contract of its records
 * @param compacted whether only the newest record of a key is kept
 * @param retention how long records are kept; null for ever
 * @param about one sentence for docs/topics.md
 */
public record Topic(
    String name,
    Key key,
    Schema value,
    boolean compacted,
    @Nullable Duration retention,
    String about) {

  /** What a key is, and with it how many partitions the topic has. */
  public enum Key {
    /** The salted hash of what sticks to a variant. All unit topics share one partition count. */
    UNIT,
    /** The rollout's name. */
    ROLLOUT,
    /** The router's name. */
    ROUTER,
    /**
     * The worker's name and the rollout, as in "worker-1/assistant"; a backfill's name after that.
     */
    WORKER
  }

  /** The subject of the topic's values in the schema registry: Confluent's TopicNameStrategy. */
  public String subject() {
    return name + "-value";
  }

  /** The topic-level configuration that Serin creates it with. */
  public Map<String, String> config() {
    Map<String, String> config = new LinkedHashMap<>();
    config.put("cleanup.policy", compacted ? "compact" : "delete");
    if (compacted) {
      config.put("min.cleanable.dirty.ratio", "0.1");
      config.put("delete.retention.ms", Long.toString(Duration.ofDays(7).toMillis()));
    }
    if (!compacted) {
      config.put("retention.ms", retention == null ? "-1" : Long.toString(retention.toMillis()));
    }
    config.put("message.timestamp.type", "LogAppendTime");
    return config;
  }
}

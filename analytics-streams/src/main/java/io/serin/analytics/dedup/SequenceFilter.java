package io.serin.analytics.dedup;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells an event's first arrival from its copies, by its id (incarnation, partition, sequence).
 *
 * <p>State is one {@link SequenceWindow} for each (incarnation, partition), kept by {@link Marks}:
 * tens of bytes for each journal, whatever the number of events. All copies of an event arrive on
 * the same Kafka partition, so a filter for each stream task is enough. Not thread-safe.
 */
public final class SequenceFilter {
  /** Ranges of missing sequences remembered for each (incarnation, partition). */
  public static final int DEFAULT_MAX_HOLES = 1_024;

  /** Where windows are kept between events: a state store, or a map. */
  public interface Marks {
    byte @Nullable [] get(String key);

    void put(String key, byte[] window);
  }

  private final Marks marks;
  private final int maxHoles;

  public SequenceFilter(Marks marks) {
    this(marks, DEFAULT_MAX_HOLES);
  }

  public SequenceFilter(Marks marks, int maxHoles) {
    this.marks = marks;
    this.maxHoles = maxHoles;
  }

  /** A filter that forgets everything when it is collected. */
  public static SequenceFilter inMemory() {
    Map<String, byte[]> map = new HashMap<>();
    return new SequenceFilter(
        new Marks() {
          @Override
          public byte @Nullable [] get(String key) {
            return map.get(key);
          }

          @Override
          public void put(String key, byte[] window) {
            map.put(key, window);
          }
        });
  }

  /** True the first time that this id is given; the state then knows it. */
  public boolean firstTime(String incarnation, int partition, long sequence) {
    String key = partition + "/" + incarnation;
    byte[] kept = marks.get(key);
    SequenceWindow window =
        kept == null
            ? SequenceWindow.empty(maxHoles)
            : SequenceWindow.fromBytes(kept, maxHoles, sequence);
    boolean first = window.add(sequence);
    if (first) {
      marks.put(key, window.toBytes());
    }
    return first;
  }
}

package io.serin.analytics.measure;

import io.serin.schemas.VariantMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Merges the partitions' sums into windows of every length, and tells each window that changed, on
 * the wall clock: a quiet stream's last window is told as soon as a busy one's. A window never
 * closes; it is forgotten once it is older than {@link MeasureParameters#keep()} behind the newest
 * data, and what arrives for it later counts in the oldest window still kept, so that nothing is
 * lost and no update number is given twice.
 */
final class WindowsProcessor implements Processor<String, Contribution, String, VariantMetrics> {
  private static final byte[] MARK = {1};

  private final Stores stores;
  private final MeasureParameters parameters;
  private @Nullable State state;

  /**
   * Names of the stores.
   *
   * @param windows windows as they stand
   * @param changed windows that changed since they were told
   * @param kept by window size, the start of the oldest window kept; only grows
   */
  record Stores(String windows, String changed, String kept) {}

  private record State(
      ProcessorContext<String, VariantMetrics> context,
      KeyValueStore<WindowKey, MeasureState.Window> windows,
      KeyValueStore<WindowKey, byte[]> changed,
      KeyValueStore<String, Long> kept) {}

  WindowsProcessor(Stores stores, MeasureParameters parameters) {
    this.stores = stores;
    this.parameters = parameters;
  }

  @Override
  public void init(ProcessorContext<String, VariantMetrics> context) {
    state =
        new State(
            context,
            context.getStateStore(stores.windows()),
            context.getStateStore(stores.changed()),
            context.getStateStore(stores.kept()));
    context.schedule(parameters.tell(), PunctuationType.WALL_CLOCK_TIME, ignored -> tell());
  }

  @Override
  public void process(Record<String, Contribution> record) {
    Contribution contribution = record.value();
    for (WindowSize size : WindowSize.values()) {
      long oldest = forgetBefore(size, contribution.key().windowStart());
      long start = Math.max(oldest, size.startOf(contribution.key().windowStart()));
      add(contribution.key().in(size, start), contribution.aggregate());
    }
  }

  private void add(WindowKey key, Aggregate aggregate) {
    MeasureState.Window window = state().windows().get(key);
    if (window == null) {
      window = MeasureState.Window.EMPTY;
    }
    state()
        .windows()
        .put(key, new MeasureState.Window(window.aggregate().plus(aggregate), window.update()));
    state().changed().put(key, MARK);
  }

  private void tell() {
    List<WindowKey> changed = new ArrayList<>();
    try (KeyValueIterator<WindowKey, byte[]> all = state().changed().all()) {
      all.forEachRemaining(entry -> changed.add(entry.key));
    }
    for (WindowKey key : changed) {
      state().changed().delete(key);
      MeasureState.Window before = state().windows().get(key);
      if (before == null) {
        continue; // told when it was forgotten
      }
      tell(key, before);
    }
  }

  private void tell(WindowKey key, MeasureState.Window before) {
    MeasureState.Window window = new MeasureState.Window(before.aggregate(), before.update() + 1);
    state().windows().put(key, window);
    state()
        .context()
        .forward(new Record<>(key.rollout(), MetricsRecords.of(key, window), key.windowStart()));
  }

  /** Start of the oldest window kept, once {@code eventTime} is known. */
  private long forgetBefore(WindowSize size, long eventTime) {
    KeyValueStore<String, Long> kept = state().kept();
    Long known = kept.get(size.name());
    long before = known == null ? 0 : known;
    long oldest =
        size.startAtOrAfter(
            Math.max(
                0, eventTime - parameters.keep().getOrDefault(size, Duration.ZERO).toMillis()));
    if (oldest <= before) {
      return before;
    }
    kept.put(size.name(), oldest);
    if (known != null) {
      forget(size, before, oldest);
    }
    return oldest;
  }

  private void forget(WindowSize size, long from, long to) {
    List<WindowKey> old = new ArrayList<>();
    try (KeyValueIterator<WindowKey, MeasureState.Window> range =
        state().windows().range(WindowKey.lowest(size, from), WindowKey.lowest(size, to))) {
      range.forEachRemaining(entry -> old.add(entry.key));
    }
    for (WindowKey key : old) {
      if (key.windowStart() >= to) {
        continue; // the range includes its end
      }
      MeasureState.Window window = state().windows().get(key);
      if (window != null && state().changed().delete(key) != null) {
        tell(key, window);
      }
      state().windows().delete(key);
    }
  }

  private State state() {
    if (state == null) {
      throw new IllegalStateException("init() was not called");
    }
    return state;
  }
}

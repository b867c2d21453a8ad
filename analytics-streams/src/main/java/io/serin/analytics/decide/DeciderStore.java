package io.serin.analytics.decide;

import io.serin.analytics.controller.Decider;
import io.serin.analytics.judge.CellCodec;
import io.serin.analytics.judge.CellKey;
import io.serin.analytics.judge.Cells;
import io.serin.analytics.streams.RecordSize;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** The deciders of one task, kept in a store: a status a rollout, and its cells one by one. */
final class DeciderStore {
  private static final String STATUS = "/status";
  private static final String CELL = "/cell/";

  private final KeyValueStore<String, byte[]> store;
  private final Map<String, Decider> deciders = new TreeMap<>();
  private final Map<String, RuntimeException> unreadable = new TreeMap<>();

  DeciderStore(KeyValueStore<String, byte[]> store) {
    this.store = store;
    try (KeyValueIterator<String, byte[]> all = store.all()) {
      while (all.hasNext()) {
        KeyValue<String, byte[]> entry = all.next();
        if (entry.key.endsWith(STATUS)
            && entry.key.indexOf('/') == entry.key.length() - STATUS.length()) {
          String rollout = entry.key.substring(0, entry.key.length() - STATUS.length());
          try {
            deciders.put(rollout, read(rollout, entry.value));
          } catch (RuntimeException e) {
            unreadable.put(rollout, e);
          }
        }
      }
    }
  }

  Map<String, Decider> all() {
    return deciders;
  }

  Decider of(String rollout) {
    return deciders.computeIfAbsent(rollout, Decider::new);
  }

  /** Rollouts whose state could not be read, with the reason; each is given once. */
  Map<String, RuntimeException> drainUnreadable() {
    Map<String, RuntimeException> drained = new TreeMap<>(unreadable);
    unreadable.clear();
    return drained;
  }

  /**
   * Puts a decider back to what is kept of it. Where that cannot be read, one without any state
   * takes its place: it continues from the newest command.
   */
  void reload(String rollout) {
    byte[] kept = store.get(rollout + STATUS);
    Decider decider = new Decider(rollout);
    if (kept != null) {
      try {
        decider = read(rollout, kept);
      } catch (RuntimeException e) {
        keys(rollout).forEach(store::delete);
      }
    }
    deciders.put(rollout, decider);
  }

  private Decider read(String rollout, byte[] status) {
    return new Decider(rollout, StatusCodec.read(status), Cells.of(cells(rollout)));
  }

  /**
   * Writes what a step changed, all or nothing.
   *
   * @throws RecordSize.TooLarge where the store's topic would refuse it
   */
  void keep(String rollout, Decider decider) {
    byte[] status =
        RecordSize.check("the controller's status", StatusCodec.write(decider.status()));
    Map<String, byte[]> cells = new TreeMap<>();
    decider
        .cells()
        .drain()
        .forEach(
            (key, values) -> {
              String text = CellCodec.write(key);
              cells.put(
                  rollout + CELL + text,
                  RecordSize.check("cell " + text, StatusCodec.writeCell(values)));
            });
    if (decider.drainForgotten()) {
      for (String name : keys(rollout)) {
        store.delete(name);
      }
    }
    cells.forEach((key, bytes) -> store.put(key, bytes.length == 0 ? null : bytes));
    store.put(rollout + STATUS, status);
  }

  private Map<CellKey, long[]> cells(String rollout) {
    Map<CellKey, long[]> cells = new HashMap<>();
    String prefix = rollout + CELL;
    try (KeyValueIterator<String, byte[]> entries =
        store.prefixScan(prefix, new StringSerializer())) {
      while (entries.hasNext()) {
        KeyValue<String, byte[]> entry = entries.next();
        cells.put(
            CellCodec.read(entry.key.substring(prefix.length())),
            StatusCodec.readCell(entry.value));
      }
    }
    return cells;
  }

  private List<String> keys(String rollout) {
    List<String> keys = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> entries =
        store.prefixScan(rollout + CELL, new StringSerializer())) {
      while (entries.hasNext()) {
        keys.add(entries.next().key);
      }
    }
    return keys;
  }
}

package io.serin.analytics.decide;

import io.serin.analytics.policy.Cells;
import io.serin.analytics.policy.Decider;
import java.util.ArrayList;
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

  DeciderStore(KeyValueStore<String, byte[]> store) {
    this.store = store;
    try (KeyValueIterator<String, byte[]> all = store.all()) {
      while (all.hasNext()) {
        KeyValue<String, byte[]> entry = all.next();
        if (entry.key.endsWith(STATUS)
            && entry.key.indexOf('/') == entry.key.length() - STATUS.length()) {
          String rollout = entry.key.substring(0, entry.key.length() - STATUS.length());
          deciders.put(
              rollout,
              new Decider(rollout, StatusCodec.read(entry.value), Cells.of(cells(rollout))));
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

  /** Writes what a step changed. */
  void keep(String rollout, Decider decider) {
    if (decider.drainForgotten()) {
      for (String name : keys(rollout)) {
        store.delete(name);
      }
    }
    decider
        .cells()
        .drain()
        .forEach(
            (name, values) ->
                store.put(
                    rollout + CELL + name,
                    values.length == 0 ? null : StatusCodec.writeCell(values)));
    store.put(rollout + STATUS, StatusCodec.write(decider.status()));
  }

  private Map<String, long[]> cells(String rollout) {
    Map<String, long[]> cells = new TreeMap<>();
    String prefix = rollout + CELL;
    try (KeyValueIterator<String, byte[]> entries =
        store.prefixScan(prefix, new StringSerializer())) {
      while (entries.hasNext()) {
        KeyValue<String, byte[]> entry = entries.next();
        cells.put(entry.key.substring(prefix.length()), StatusCodec.readCell(entry.value));
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

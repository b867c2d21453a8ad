package io.serin.rollout;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What differs between two rollout files as they are meant: defaults filled in, comments and order
 * of fields apart. Values of headers are hidden: they may be secrets. Pure.
 */
public final class RolloutDiff {
  private RolloutDiff() {}

  /**
   * One field that differs.
   *
   * @param before null where it was not there
   * @param after null where it is not there any more
   */
  public record Change(String field, @Nullable String before, @Nullable String after) {
    @Override
    public String toString() {
      if (before == null) {
        return "+ " + field + ": " + after;
      }
      return after == null
          ? "- " + field + ": " + before
          : "~ " + field + ": " + before + " → " + after;
    }
  }

  /** The changes, by field. */
  public static List<Change> between(@Nullable RolloutFile before, RolloutFile after) {
    Map<String, String> old = before == null ? Map.of() : fields(before);
    Map<String, String> now = fields(after);
    SortedSet<String> names = new TreeSet<>(old.keySet());
    names.addAll(now.keySet());
    List<Change> changes = new ArrayList<>();
    for (String name : names) {
      String from = old.get(name);
      String to = now.get(name);
      if (from == null || !from.equals(to)) {
        changes.add(
            secret(name, before) || secret(name, after)
                ? new Change(name, hidden(from), hidden(to))
                : new Change(name, from, to));
      }
    }
    return changes;
  }

  /** Values of headers may be secrets, and so may the paths and queries of webhooks. */
  private static boolean secret(String name, @Nullable RolloutFile file) {
    return name.matches("notify\\[\\d+]\\.url")
        || (file != null
            && file.variants().stream()
                .anyMatch(variant -> name.startsWith("variants." + variant.name() + ".headers.")));
  }

  private static @Nullable String hidden(@Nullable String value) {
    return value == null ? null : "(hidden)";
  }

  /** Every field of a file with its defaults, by name; values of headers are hidden. */
  public static Map<String, String> shown(RolloutFile file) {
    Map<String, String> shown = new TreeMap<>();
    for (Change change : between(null, file)) {
      shown.put(change.field(), String.valueOf(change.after()));
    }
    return shown;
  }

  private static Map<String, String> fields(RolloutFile file) {
    Map<String, String> fields = new TreeMap<>();
    put(fields, "", file);
    return fields;
  }

  private static void put(Map<String, String> fields, String path, @Nullable Object value) {
    switch (value) {
      case null -> {}
      case Record composite -> {
        for (RecordComponent component : composite.getClass().getRecordComponents()) {
          // No component of a record may be called notify.
          String name = component.getName().equals("webhooks") ? "notify" : component.getName();
          put(fields, join(path, name), read(component, composite));
        }
      }
      case Map<?, ?> map -> map.forEach((key, each) -> put(fields, path + "." + key, each));
      case Collection<?> items -> {
        if (items.stream().allMatch(item -> item instanceof String || item instanceof Enum)) {
          fields.put(path, items.toString());
          return;
        }
        int index = 0;
        for (Object item : items) {
          put(fields, path + nameOf(item, index++), item);
        }
      }
      default -> fields.put(path, value.toString());
    }
  }

  /** Items with a name are compared by it, so that one that is put before others moves none. */
  private static String nameOf(Object item, int index) {
    return switch (item) {
      case Variant variant -> "." + variant.name();
      case Stage stage -> "[" + stage.name() + "]";
      case Guard guard -> "[" + guard.metric().text() + "]";
      default -> "[" + index + "]";
    };
  }

  private static @Nullable Object read(RecordComponent component, Record composite) {
    try {
      return component.getAccessor().invoke(composite);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record's component cannot be read: " + component, e);
    }
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}

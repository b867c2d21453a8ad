package io.serin.analytics.policy;

import io.serin.analytics.rollout.SlotSet;
import io.serin.analytics.rollout.Split;
import io.serin.analytics.rollout.Variant;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one unit in one run: the slots of the arms it was seen in, split by split,
 * and which first events of each stage it has given. A unit's hash lies in all the slot sets of the
 * arms it was seen in; what it was seen in under <em>earlier</em> splits decides its class. Not
 * thread-safe.
 */
public final class UnitHistory {
  private static final byte VERSION = 1;

  /** Splits remembered one by one; older ones are kept as their common slots. */
  private static final int MAX_SPLITS = 12;

  /** What a request adds. */
  public record News(
      String labelClass,
      Map<String, Integer> labelSlots,
      boolean first,
      boolean firstError,
      boolean firstRefusal,
      boolean slowest,
      @Nullable Long previousSlowestMicros) {
    /** True where the judge is to see the request. */
    public boolean tells() {
      return first || firstError || firstRefusal || slowest;
    }
  }

  private static final class Seen {
    final long revision;
    final long split;
    final SlotSet slots;

    Seen(long revision, long split, SlotSet slots) {
      this.revision = revision;
      this.split = split;
      this.slots = slots;
    }
  }

  private static final class InStage {
    boolean error;
    boolean refusal;
    long slowestStreamed = -1;
    long slowestWhole = -1;
  }

  private SlotSet base = SlotSet.ALL;
  private final List<Seen> seen = new ArrayList<>();
  private final Map<Integer, InStage> stages = new TreeMap<>();

  /**
   * Takes in one assigned request.
   *
   * @param latencyMicros {@link Long#MAX_VALUE} where it failed
   */
  public News see(
      long revision,
      Split split,
      String variant,
      int stage,
      Sight.End end,
      boolean refusal,
      boolean streamed,
      long latencyMicros) {
    Seen now = epoch(revision, split, variant);
    SlotSet possible = base;
    for (Seen before : seen) {
      if (before != now && before.revision < now.revision) {
        possible = possible.intersect(before.slots);
      }
    }
    Map<String, Integer> slots = new TreeMap<>();
    for (String name : split.weights().keySet()) {
      slots.put(name, possible.intersect(split.slots(name)).size());
    }
    slots.putIfAbsent(Variant.CONTROL, 0);

    InStage known = stages.get(stage);
    boolean first = known == null;
    InStage in = known == null ? new InStage() : known;
    stages.put(stage, in);
    boolean firstError = end == Sight.End.FAILED && !in.error;
    boolean firstRefusal = refusal && !in.refusal;
    in.error |= firstError;
    in.refusal |= firstRefusal;
    long before = streamed ? in.slowestStreamed : in.slowestWhole;
    boolean slowest = latencyMicros > before;
    if (slowest && streamed) {
      in.slowestStreamed = latencyMicros;
    } else if (slowest) {
      in.slowestWhole = latencyMicros;
    }
    return new News(
        possible.toString(),
        slots,
        first,
        firstError,
        firstRefusal,
        slowest,
        before < 0 ? null : Long.valueOf(before));
  }

  /**
   * The stretch of revisions with this split that the revision lies in; revisions that keep the
   * split are one.
   */
  private Seen epoch(long revision, Split split, String variant) {
    long hash = hash(split);
    for (Seen candidate : seen) {
      if (candidate.split == hash) {
        long low = Math.min(candidate.revision, revision);
        long high = Math.max(candidate.revision, revision);
        boolean between =
            seen.stream().anyMatch(s -> s.split != hash && s.revision > low && s.revision < high);
        if (!between) {
          return candidate;
        }
      }
    }
    Seen made = new Seen(revision, hash, split.slots(variant));
    seen.add(made);
    seen.sort(Comparator.comparingLong(s -> s.revision));
    if (seen.size() > MAX_SPLITS) {
      base = base.intersect(seen.removeFirst().slots);
    }
    return made;
  }

  private static long hash(Split split) {
    long hash = 1125899906842597L;
    String text = split.ranges().toString();
    for (int i = 0; i < text.length(); i++) {
      hash = 31 * hash + text.charAt(i);
    }
    return hash;
  }

  /** The history as bytes, read again by {@link #fromBytes}. */
  public byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      write(out, base);
      out.writeByte(seen.size());
      for (Seen s : seen) {
        out.writeLong(s.revision);
        out.writeLong(s.split);
        write(out, s.slots);
      }
      out.writeShort(stages.size());
      for (Map.Entry<Integer, InStage> entry : stages.entrySet()) {
        InStage in = entry.getValue();
        out.writeShort(entry.getKey());
        out.writeByte((in.error ? 1 : 0) | (in.refusal ? 2 : 0));
        out.writeLong(in.slowestStreamed);
        out.writeLong(in.slowestWhole);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Reads what {@link #toBytes} wrote. */
  public static UnitHistory fromBytes(byte[] bytes) {
    UnitHistory history = new UnitHistory();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      byte version = in.readByte();
      if (version != VERSION) {
        throw new IllegalArgumentException("unit history of version " + version);
      }
      history.base = read(in);
      int splits = in.readByte();
      for (int i = 0; i < splits; i++) {
        history.seen.add(new Seen(in.readLong(), in.readLong(), read(in)));
      }
      int stages = in.readShort();
      for (int i = 0; i < stages; i++) {
        int stage = in.readShort();
        InStage inStage = new InStage();
        int flags = in.readByte();
        inStage.error = (flags & 1) != 0;
        inStage.refusal = (flags & 2) != 0;
        inStage.slowestStreamed = in.readLong();
        inStage.slowestWhole = in.readLong();
        history.stages.put(stage, inStage);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return history;
  }

  private static void write(DataOutputStream out, SlotSet slots) throws IOException {
    out.writeShort(slots.bounds().size());
    for (int bound : slots.bounds()) {
      out.writeShort(bound);
    }
  }

  private static SlotSet read(DataInputStream in) throws IOException {
    int size = in.readShort();
    List<Integer> bounds = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      bounds.add((int) in.readShort());
    }
    return new SlotSet(bounds);
  }
}

package io.serin.analytics.observation;

import io.serin.rollout.Variant;
import io.serin.rollout.assignment.SlotSet;
import io.serin.rollout.assignment.Split;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one unit in one run: the slots of the arms it was seen in, split by split,
 * and which first events of each stage it has given. A unit's hash lies in all the slot sets of the
 * arms it was seen in; what it was seen in under <em>earlier</em> splits decides its class. Not
 * thread-safe.
 *
 * <p>A conversation is followed by the answers that its requests carry: a request that carries more
 * of them than the one before, and no shorter prompt, continues it. One that began under an earlier
 * split is outside every guard in both arms: its requests teach the unit's class and nothing else.
 */
public final class UnitHistory {
  private static final byte VERSION = 2;

  /** Splits remembered one by one; older ones are kept as their common slots. */
  private static final int MAX_SPLITS = 12;

  /** How long a prompt cache is taken to keep a conversation's prefix, milliseconds. */
  static final long CACHE_TTL = 300_000;

  /** Ratings of stages that the unit has made no known request in yet. */
  private static final int MAX_EARLY = 4;

  private static final Measure[] PEAKS = {
    Measure.LATENCY, Measure.DURATION, Measure.TPOT, Measure.TOKENS
  };
  private static final int WHOLE = PEAKS.length;

  /**
   * One assigned request.
   *
   * @param eventTime when it ended, milliseconds since the epoch
   * @param refusal whether it answered with a refusal
   * @param priorAnswers answers that the request carries; null where it cannot be told
   */
  public record Request(
      long revision,
      Split split,
      String variant,
      int stage,
      long eventTime,
      Observation.End end,
      boolean refusal,
      boolean streamed,
      @Nullable Long ttftMicros,
      long durationMicros,
      @Nullable Long promptTokens,
      @Nullable Long completionTokens,
      @Nullable Long cachedTokens,
      @Nullable Integer priorAnswers) {}

  /**
   * A unit's class.
   *
   * @param name of the class
   * @param slots that it leaves to each variant
   */
  public record Label(String name, Map<String, Integer> slots) {}

  /** What a request adds. */
  public record Seeing(Label label, Observation.FirstEvents news) {}

  /**
   * A rating of a request of this unit.
   *
   * @param source identifies it, for whoever keeps the records
   */
  public record Rating(int stage, String variant, long eventTime, boolean bad, String source) {}

  /** A first rating, with the class of the stage's first request. */
  public record RatingSeen(Label label, Rating rating) {}

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
    /** Of the first request; null until a request was seen. */
    @Nullable Label label;

    boolean streamed;
    boolean whole;
    boolean error;
    boolean refusal;
    boolean cached;
    boolean followUp;
    boolean rated;
    final long[] peaks = new long[2 * PEAKS.length];

    InStage() {
      Arrays.fill(peaks, -1);
    }
  }

  /**
   * The request before.
   *
   * @param began revision of the split that its conversation began under
   */
  private record Last(String variant, long eventTime, int answers, long promptTokens, long began) {}

  private SlotSet base = SlotSet.ALL;
  private final List<Seen> seen = new ArrayList<>();
  private final Map<Integer, InStage> stages = new TreeMap<>();
  private final List<Rating> early = new ArrayList<>();
  private @Nullable Last last;
  private long lastSeen;

  /** Takes in one assigned request. */
  public Seeing see(Request request) {
    lastSeen = Math.max(lastSeen, request.eventTime);
    Seen now = epoch(request);
    Label label = label(request, now);
    Last before = last;
    boolean follows = follows(before, request);
    long began = follows && before != null ? before.began : now.revision;
    boolean cacheHolds =
        follows
            && before != null
            && before.variant.equals(request.variant)
            && request.eventTime - request.durationMicros / 1_000 - before.eventTime <= CACHE_TTL;
    if (before == null || request.eventTime >= before.eventTime) {
      last =
          new Last(
              request.variant,
              request.eventTime,
              request.priorAnswers == null ? -1 : request.priorAnswers,
              request.promptTokens == null ? -1 : request.promptTokens,
              began);
    }
    if (began < now.revision) {
      return new Seeing(label, Observation.FirstEvents.NONE);
    }
    return new Seeing(label, news(request, label, cacheHolds));
  }

  /**
   * Takes in a rating; tells it where it is the unit's first in the stage and the stage's first
   * request is known. Else it waits for {@link #waiting}.
   */
  public Optional<RatingSeen> rate(Rating rating) {
    lastSeen = Math.max(lastSeen, rating.eventTime);
    InStage in = stages.get(rating.stage);
    if (in == null || in.label == null) {
      if (early.size() < MAX_EARLY && early.stream().noneMatch(r -> r.stage == rating.stage)) {
        early.add(rating);
      }
      return Optional.empty();
    }
    if (in.rated) {
      return Optional.empty();
    }
    in.rated = true;
    return Optional.of(new RatingSeen(in.label, rating));
  }

  /** The rating that came before the first request of the stage, once that is known. */
  public Optional<RatingSeen> waiting(int stage) {
    InStage in = stages.get(stage);
    if (in == null || in.label == null) {
      return Optional.empty();
    }
    Optional<Rating> found = early.stream().filter(r -> r.stage == stage).findFirst();
    found.ifPresent(early::remove);
    return found.flatMap(this::rate);
  }

  /** Newest event time of the unit, milliseconds since the epoch. */
  public long lastSeen() {
    return lastSeen;
  }

  private Label label(Request request, Seen now) {
    SlotSet possible = base;
    for (Seen before : seen) {
      if (before != now && before.revision < now.revision) {
        possible = possible.intersect(before.slots);
      }
    }
    Map<String, Integer> slots = new TreeMap<>();
    for (String name : request.split.weights().keySet()) {
      slots.put(name, possible.intersect(request.split.slots(name)).size());
    }
    slots.putIfAbsent(Variant.CONTROL, 0);
    return new Label(possible.toString(), slots);
  }

  private static boolean follows(@Nullable Last before, Request request) {
    return before != null
        && request.priorAnswers != null
        && before.answers >= 0
        && request.priorAnswers > before.answers
        && (request.promptTokens == null || request.promptTokens >= before.promptTokens);
  }

  private Observation.FirstEvents news(Request request, Label label, boolean cacheHolds) {
    InStage in = stages.computeIfAbsent(request.stage, s -> new InStage());
    boolean first = in.label == null;
    if (first) {
      in.label = label;
    }
    boolean firstOfKind = request.streamed ? !in.streamed : !in.whole;
    in.streamed |= request.streamed;
    in.whole |= !request.streamed;
    boolean firstError = request.end == Observation.End.FAILED && !in.error;
    boolean firstRefusal = request.refusal && !in.refusal;
    boolean firstCached = request.cachedTokens != null && !in.cached;
    boolean firstFollowUp = request.cachedTokens != null && cacheHolds && !in.followUp;
    in.error |= firstError;
    in.refusal |= firstRefusal;
    in.cached |= firstCached;
    in.followUp |= firstFollowUp;
    return new Observation.FirstEvents(
        first,
        firstOfKind,
        firstError,
        firstRefusal,
        firstCached,
        firstFollowUp,
        peaks(request, in));
  }

  private static Map<Measure, Long> peaks(Request request, InStage in) {
    Map<Measure, Long> peaks = new EnumMap<>(Measure.class);
    for (int i = 0; i < PEAKS.length; i++) {
      Long value =
          PEAKS[i].value(
              request.end,
              request.streamed,
              request.ttftMicros,
              request.durationMicros,
              request.completionTokens);
      int at = i + (request.streamed ? 0 : WHOLE);
      if (value != null && value > in.peaks[at]) {
        peaks.put(PEAKS[i], in.peaks[at]);
        in.peaks[at] = value;
      }
    }
    return peaks;
  }

  /**
   * The stretch of revisions with this split that the revision lies in; revisions that keep the
   * split are one.
   */
  private Seen epoch(Request request) {
    long hash = hash(request.split);
    for (Seen candidate : seen) {
      if (candidate.split == hash) {
        long low = Math.min(candidate.revision, request.revision);
        long high = Math.max(candidate.revision, request.revision);
        boolean between =
            seen.stream().anyMatch(s -> s.split != hash && s.revision > low && s.revision < high);
        if (!between) {
          return candidate;
        }
      }
    }
    Seen made = new Seen(request.revision, hash, request.split.slots(request.variant));
    seen.add(made);
    seen.sort(Comparator.comparingLong(s -> s.revision));
    if (seen.size() > MAX_SPLITS) {
      base = base.intersect(seen.removeFirst().slots);
    }
    return made;
  }

  private static long hash(Split split) {
    long hash = 1125899906842597L;
    String text = split.slices().toString();
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
      out.writeLong(lastSeen);
      write(out, base);
      out.writeByte(seen.size());
      for (Seen s : seen) {
        out.writeLong(s.revision);
        out.writeLong(s.split);
        write(out, s.slots);
      }
      out.writeShort(stages.size());
      for (Map.Entry<Integer, InStage> entry : stages.entrySet()) {
        out.writeShort(entry.getKey());
        write(out, entry.getValue());
      }
      out.writeByte(early.size());
      for (Rating rating : early) {
        out.writeInt(rating.stage);
        out.writeUTF(rating.variant);
        out.writeLong(rating.eventTime);
        out.writeBoolean(rating.bad);
        out.writeUTF(rating.source);
      }
      out.writeBoolean(last != null);
      if (last != null) {
        out.writeUTF(last.variant);
        out.writeLong(last.eventTime);
        out.writeInt(last.answers);
        out.writeLong(last.promptTokens);
        out.writeLong(last.began);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Newest event time of the unit whose history the bytes are: without reading all of them. */
  public static long lastSeen(byte[] bytes) {
    return ByteBuffer.wrap(bytes).getLong(1);
  }

  /** Reads what {@link #toBytes} wrote. */
  public static UnitHistory fromBytes(byte[] bytes) {
    UnitHistory history = new UnitHistory();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      byte version = in.readByte();
      if (version != VERSION) {
        throw new IllegalArgumentException("unit history of version " + version);
      }
      history.lastSeen = in.readLong();
      history.base = readSlots(in);
      int splits = in.readByte();
      for (int i = 0; i < splits; i++) {
        long revision = in.readLong();
        long split = in.readLong();
        history.seen.add(new Seen(revision, split, readSlots(in)));
      }
      int stages = in.readShort();
      for (int i = 0; i < stages; i++) {
        int stage = in.readShort();
        history.stages.put(stage, readStage(in));
      }
      int early = in.readByte();
      for (int i = 0; i < early; i++) {
        history.early.add(
            new Rating(in.readInt(), in.readUTF(), in.readLong(), in.readBoolean(), in.readUTF()));
      }
      if (in.readBoolean()) {
        history.last =
            new Last(in.readUTF(), in.readLong(), in.readInt(), in.readLong(), in.readLong());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return history;
  }

  private static void write(DataOutputStream out, InStage in) throws IOException {
    boolean[] flags = {
      in.label != null,
      in.streamed,
      in.whole,
      in.error,
      in.refusal,
      in.cached,
      in.followUp,
      in.rated
    };
    int bits = 0;
    for (int i = 0; i < flags.length; i++) {
      bits |= flags[i] ? 1 << i : 0;
    }
    out.writeByte(bits);
    for (long peak : in.peaks) {
      out.writeLong(peak);
    }
    if (in.label != null) {
      out.writeUTF(in.label.name);
      out.writeByte(in.label.slots.size());
      for (Map.Entry<String, Integer> slots : in.label.slots.entrySet()) {
        out.writeUTF(slots.getKey());
        out.writeShort(slots.getValue());
      }
    }
  }

  private static InStage readStage(DataInputStream in) throws IOException {
    InStage stage = new InStage();
    int bits = in.readByte();
    stage.streamed = (bits & 2) != 0;
    stage.whole = (bits & 4) != 0;
    stage.error = (bits & 8) != 0;
    stage.refusal = (bits & 16) != 0;
    stage.cached = (bits & 32) != 0;
    stage.followUp = (bits & 64) != 0;
    stage.rated = (bits & 128) != 0;
    for (int i = 0; i < stage.peaks.length; i++) {
      stage.peaks[i] = in.readLong();
    }
    if ((bits & 1) != 0) {
      String name = in.readUTF();
      Map<String, Integer> slots = new TreeMap<>();
      int size = in.readByte();
      for (int i = 0; i < size; i++) {
        String variant = in.readUTF();
        slots.put(variant, (int) in.readShort());
      }
      stage.label = new Label(name, slots);
    }
    return stage;
  }

  private static void write(DataOutputStream out, SlotSet slots) throws IOException {
    out.writeShort(slots.bounds().size());
    for (int bound : slots.bounds()) {
      out.writeShort(bound);
    }
  }

  private static SlotSet readSlots(DataInputStream in) throws IOException {
    int size = in.readShort();
    List<Integer> bounds = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      bounds.add((int) in.readShort());
    }
    return new SlotSet(bounds);
  }
}

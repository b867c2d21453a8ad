package io.serin.router.rollout;

import io.serin.schemas.MovedConversations;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What this router remembers of conversations: where each had its newest turn, and what became of
 * those whose variant was taken out. Bounded: the conversations with the oldest turn are forgotten,
 * and all are when the process ends. Thread-safe.
 */
public final class Conversations {

  /** How long after its last turn a conversation counts as open. */
  static final long OPEN_NANOS = TimeUnit.MINUTES.toNanos(30);

  /** About 10 MB. */
  static final int MOST = 65_536;

  private static final int MOST_TEMPLATES = 16_384;
  private static final int MOST_MOVES = 16;

  /** Where a conversation began, as far as this router knows. */
  public enum Begun {
    /** With this request, or at the variant that this request is assigned to, in this run. */
    HERE,
    /** At another variant, or in another run. */
    ELSEWHERE,
    /** Before this router saw it. */
    UNKNOWN
  }

  /**
   * One turn of a conversation.
   *
   * @param conversation its number, never the same for two rollouts
   * @param rollout the rollout's name
   * @param run the run
   * @param assigned the variant by the split
   * @param answers how many earlier answers it carries
   */
  public record Asked(
      long conversation, String rollout, String run, String assigned, int answers) {}

  private static final class Known {
    final String rollout;
    String run;
    String assigned;
    String model;
    boolean elsewhere;
    boolean unknown;
    long turnNanos;
    @Nullable MovedConversations moved;

    Known(Asked asked, String model) {
      this.rollout = asked.rollout;
      this.run = asked.run;
      this.assigned = asked.assigned;
      this.model = model;
    }
  }

  private final LongSupplier nanoTime;
  private final int most;
  private final Map<Long, Known> known = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Long, Long> templates = new LinkedHashMap<>(16, 0.75f, true);
  private final Deque<MovedConversations> moves = new ArrayDeque<>();

  Conversations(LongSupplier nanoTime, int most) {
    this.nanoTime = nanoTime;
    this.most = most;
  }

  /**
   * The model that a conversation had its newest turn at, as {@link Variant#maker()} names it; null
   * where this router does not remember it.
   */
  public synchronized @Nullable String modelOf(long conversation) {
    Known entry = known.get(conversation);
    return entry == null ? null : entry.model;
  }

  /**
   * Takes in a turn.
   *
   * @param model where it is asked, as {@link Variant#maker()} names it
   */
  public synchronized Begun turn(Asked asked, String model) {
    Known entry = known.get(asked.conversation);
    if (entry == null || asked.answers == 0) {
      entry = new Known(asked, model);
      entry.unknown = asked.answers > 0;
      known.put(asked.conversation, entry);
      forgetOldest(known, most);
    } else {
      entry.elsewhere |= !entry.run.equals(asked.run) || !entry.assigned.equals(asked.assigned);
      entry.run = asked.run;
      entry.assigned = asked.assigned;
      entry.model = model;
    }
    entry.turnNanos = nanoTime.getAsLong();
    if (entry.elsewhere) {
      return Begun.ELSEWHERE;
    }
    return entry.unknown ? Begun.UNKNOWN : Begun.HERE;
  }

  /** A turn of a conversation ended; counted where its variant was taken out before. */
  public synchronized void ended(long conversation, boolean failed) {
    Known entry = known.get(conversation);
    MovedConversations moved = entry == null ? null : entry.moved;
    if (entry != null && moved != null) {
      entry.moved = null;
      moved.setContinued(moved.getContinued() + 1);
      moved.setFailed(moved.getFailed() + (failed ? 1 : 0));
    }
  }

  /**
   * How many of a request's earlier answers belong to a template, such as examples or a greeting:
   * what two units have sent alike, word for word, no model answered to one of them.
   *
   * @param afterAnswers a number for all that was said up to each of the first answers
   */
  public synchronized int templateAnswers(List<Long> afterAnswers, String unit) {
    int shared = 0;
    long here = unit.hashCode() | 1L;
    for (int i = 0; i < afterAnswers.size(); i++) {
      Long before = templates.putIfAbsent(afterAnswers.get(i), here);
      if (before != null && before != here) {
        templates.put(afterAnswers.get(i), 0L);
        shared = i + 1;
      }
    }
    forgetOldest(templates, MOST_TEMPLATES);
    return shared;
  }

  /** A variant was taken out: its open conversations move with their next turn. */
  synchronized void takenOut(String rollout, String run, String variant, String model) {
    MovedConversations counting = new MovedConversations(rollout, run, variant, 0, 0, 0);
    long now = nanoTime.getAsLong();
    for (Known entry : known.values()) {
      if (entry.rollout.equals(rollout)
          && entry.model.equals(model)
          && now - entry.turnNanos <= OPEN_NANOS) {
        entry.moved = counting;
        counting.setOpen(counting.getOpen() + 1);
      }
    }
    moves.removeIf(each -> each.getRollout().equals(rollout) && each.getVariant().equals(variant));
    moves.addLast(counting);
    if (moves.size() > MOST_MOVES) {
      moves.removeFirst();
    }
  }

  /** What became of the conversations of variants that were taken out; the newest last. */
  public synchronized List<MovedConversations> moves() {
    List<MovedConversations> all = new ArrayList<>();
    moves.forEach(each -> all.add(MovedConversations.newBuilder(each).build()));
    return all;
  }

  private static <T> void forgetOldest(Map<Long, T> map, int most) {
    Iterator<Long> oldest = map.keySet().iterator();
    while (map.size() > most && oldest.hasNext()) {
      oldest.next();
      oldest.remove();
    }
  }
}

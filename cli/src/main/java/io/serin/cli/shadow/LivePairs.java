package io.serin.cli.shadow;

import io.serin.cli.compare.Compared;
import io.serin.comparison.Comparing;
import io.serin.comparison.ComparisonSettings;
import io.serin.comparison.PairDifference;
import io.serin.comparison.record.PairRecords;
import io.serin.comparison.review.Judged;
import io.serin.schemas.Judgement;
import io.serin.schemas.ShadowExample;
import io.serin.schemas.ShadowResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The replayed pairs of one run (or backfill), gathered from serin.shadow-results and
 * serin.shadow-examples, as the comparison library takes them. Of more pairs than it may hold it
 * keeps those that a hash of the request's id draws: whatever came first, and whatever they say.
 * Pure; not thread-safe.
 */
final class LivePairs {
  /** What the candidate is compared with. */
  enum Against {
    /** Control, asked again beside the candidate: the same time, the same load. */
    CONTROL,
    /** What the client got, at another time: its times are no evidence. */
    SERVED
  }

  /**
   * Which pairs are meant.
   *
   * @param candidate the only one; null where the rollout has one
   * @param backfill null for the live replay
   * @param most pairs that are held, 1 or more
   */
  record Wanted(
      String rollout,
      String run,
      Against against,
      @Nullable String candidate,
      @Nullable String backfill,
      int most) {
    Wanted {
      if (most < 1) {
        throw new IllegalArgumentException("limit is " + most + ": it must be at least 1");
      }
    }
  }

  /** What the pairs cannot tell, in words. */
  static final class NoPairsException extends Exception {
    private static final long serialVersionUID = 1L;

    NoPairsException(String message) {
      super(message);
    }
  }

  private record Drawn(int draw, String requestId, PairDifference pair) {}

  private final Wanted wanted;
  private final PriorityQueue<Drawn> drawn =
      new PriorityQueue<>((a, b) -> Integer.compareUnsigned(b.draw(), a.draw()));
  private final Map<String, ShadowExample> examples = new HashMap<>();
  private final Map<String, Long> skipped = new TreeMap<>();
  private final Map<String, Long> candidates = new TreeMap<>();
  private final Map<String, Long> otherRuns = new TreeMap<>();
  private final Map<String, Long> backfills = new TreeMap<>();
  private String control = "control";
  private @Nullable Judged judged;
  private double judgeCost;
  private boolean unpriced;
  private long otherPrompts;
  private long results;
  private long pairs;
  private long without;

  LivePairs(Wanted wanted) {
    this.wanted = wanted;
  }

  /** One result more; of another rollout, run or backfill it is passed by. */
  void add(ShadowResult result) {
    if (!result.getRollout().equals(wanted.rollout())) {
      return;
    }
    if (!Objects.equals(result.getBackfill(), wanted.backfill())) {
      if (result.getBackfill() != null) {
        backfills.merge(result.getBackfill(), 1L, Long::sum);
      }
      return;
    }
    // A backfill replays requests of any run.
    if (wanted.backfill() == null && !result.getRun().equals(wanted.run())) {
      otherRuns.merge(result.getRun(), 1L, Long::sum);
      return;
    }
    String candidate = result.getCandidate().getVariant();
    String reason = result.getSkipped();
    if (wanted.candidate() != null
        && !candidate.isEmpty()
        && !wanted.candidate().equals(candidate)) {
      candidates.merge(candidate, 1L, Long::sum);
      return;
    }
    results++;
    if (reason != null) {
      skipped.merge(reason, 1L, Long::sum);
      return;
    }
    candidates.merge(candidate, 1L, Long::sum);
    Optional<PairDifference> pair =
        switch (wanted.against()) {
          case CONTROL -> PairRecords.control(result);
          case SERVED -> PairRecords.served(result);
        };
    if (pair.isEmpty()) {
      without++;
      return;
    }
    pairs++;
    if (wanted.against() == Against.CONTROL) {
      judge(result.getJudgement());
    }
    control =
        wanted.against() == Against.SERVED || result.getControl() == null
            ? result.getServed().getVariant()
            : result.getControl().getVariant();
    drawn.add(new Drawn(draw(result.getRequestId()), result.getRequestId(), pair.get()));
    if (drawn.size() > wanted.most()) {
      drawn.remove();
    }
  }

  private void judge(@Nullable Judgement told) {
    if (told == null) {
      return;
    }
    io.serin.comparison.review.Judgement.Better better = PairRecords.better(told.getBetter());
    if (better == null) {
      return;
    }
    Judged before = judged;
    if (before != null && !before.prompt().equals(told.getPrompt())) {
      otherPrompts++; // words of two versions do not add up
      return;
    }
    judged =
        (before == null ? Judged.none(told.getPrompt()) : before)
            .plus(
                new io.serin.comparison.review.Judgement(
                    better, told.getPromptTokens(), told.getCompletionTokens()));
    Double cost = told.getCost();
    if (cost == null) {
      unpriced = true;
    } else {
      judgeCost += cost;
    }
  }

  /** Texts, opened; those of pairs that are not held are passed by: so after all results. */
  void add(ShadowExample example, Set<String> held) {
    if (held.contains(example.getRequestId())
        && example.getRollout().equals(wanted.rollout())
        && Objects.equals(example.getBackfill(), wanted.backfill())
        && (wanted.candidate() == null || wanted.candidate().equals(example.getCandidate()))) {
      examples.put(example.getRequestId(), example);
    }
  }

  /** Request ids of the pairs that are held. */
  Set<String> held() {
    Set<String> ids = new HashSet<>();
    drawn.forEach(each -> ids.add(each.requestId()));
    return ids;
  }

  /** The comparison of what was gathered. */
  Compared compare(ComparisonSettings settings) throws NoPairsException {
    check();
    List<Drawn> ordered = new ArrayList<>(drawn);
    ordered.sort((a, b) -> Integer.compareUnsigned(a.draw(), b.draw()));
    List<PairDifference> differences = ordered.stream().map(this::withTexts).toList();
    return new Compared(
        source(),
        control + (wanted.against() == Against.CONTROL ? ", replayed beside" : ", as served"),
        candidates.keySet().iterator().next(),
        new Comparing(settings).paired(differences),
        0,
        0,
        differences,
        new Comparing(settings).meaning(differences),
        judged,
        judged == null || unpriced ? null : judgeCost,
        List.of());
  }

  long results() {
    return results;
  }

  /** Results without a measurement, by reason. */
  Map<String, Long> skipped() {
    return skipped;
  }

  private void check() throws NoPairsException {
    if (wanted.candidate() == null && candidates.size() > 1) {
      throw new NoPairsException(
          "the run has the candidates " + candidates.keySet() + ": name one with --candidate");
    }
    if (!drawn.isEmpty()) {
      return;
    }
    if (results == 0) {
      throw new NoPairsException(
          (wanted.backfill() == null
                  ? "run " + wanted.run() + " of " + wanted.rollout()
                  : "backfill " + wanted.backfill() + " of " + wanted.rollout())
              + " has no results"
              + (wanted.candidate() == null ? "" : " of candidate " + wanted.candidate())
              + (candidates.isEmpty() ? "" : "; there are those of " + candidates)
              + (otherRuns.isEmpty() ? "" : "; results of other runs, for --run: " + otherRuns)
              + (backfills.isEmpty() ? "" : "; results of backfills: " + backfills));
    }
    throw new NoPairsException(
        results
            + " results and no pair: skipped "
            + skipped
            + ", without "
            + (wanted.against() == Against.CONTROL
                ? "control replayed beside them " + without + " (--against served has those)"
                : "a served answer to compare with " + without));
  }

  private String source() {
    StringBuilder text = new StringBuilder();
    text.append(wanted.rollout());
    text.append(
        wanted.backfill() == null ? ", run " + wanted.run() : ", backfill " + wanted.backfill());
    text.append(": ").append(results).append(" results");
    if (!skipped.isEmpty()) {
      text.append(", skipped ").append(skipped);
    }
    if (without > 0) {
      text.append(", ").append(without).append(" without ");
      text.append(
          wanted.against() == Against.CONTROL
              ? "control replayed beside"
              : "a served answer to compare with");
    }
    if (pairs > drawn.size()) {
      text.append(", ").append(drawn.size()).append(" of ").append(pairs).append(" pairs drawn");
    }
    if (otherPrompts > 0) {
      text.append(", ").append(otherPrompts).append(" judged by another version of the prompt");
    }
    if (wanted.against() == Against.SERVED) {
      text.append("; served at another time and load: latencies are not evidence");
    }
    return text.toString();
  }

  private PairDifference withTexts(Drawn each) {
    ShadowExample example = examples.get(each.requestId());
    if (example == null) {
      return each.pair();
    }
    return each.pair()
        .withTexts(
            Objects.requireNonNullElse(example.getAskedText(), ""),
            wanted.against() == Against.CONTROL
                ? example.getControlText()
                : example.getServedText(),
            example.getCandidateText());
  }

  /** Murmur's finisher over the id's hash: spread evenly, the same in every run. */
  private static int draw(String requestId) {
    int hash = requestId.hashCode();
    hash ^= hash >>> 16;
    hash *= 0x85ebca6b;
    hash ^= hash >>> 13;
    hash *= 0xc2b2ae35;
    return hash ^ (hash >>> 16);
  }
}

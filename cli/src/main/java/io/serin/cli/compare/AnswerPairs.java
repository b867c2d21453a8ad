package io.serin.cli.compare;

import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.Pair;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which answers of two files belong together: those to the same prompt, the first with the first,
 * the second with the second. Pure.
 *
 * @param onlyControl answers of control without a partner
 * @param onlyCandidate answers of the candidate without one
 */
record AnswerPairs(List<Pair> pairs, int onlyControl, int onlyCandidate) {

  /**
   * Pairs them.
   *
   * @param again control's answers asked a second time; empty where there is no such file
   */
  static AnswerPairs of(
      List<RecordedLine> control, List<RecordedLine> candidate, List<RecordedLine> again) {
    Map<String, Deque<RecordedLine>> candidates = byPrompt(candidate);
    Map<String, Deque<RecordedLine>> seconds = byPrompt(again);
    List<Pair> pairs = new ArrayList<>();
    for (RecordedLine line : control) {
      RecordedLine partner = take(candidates, line);
      if (partner != null) {
        RecordedLine second = take(seconds, line);
        Answered twice = second == null ? null : second.answer();
        pairs.add(new Pair(line.question(), line.answer(), partner.answer(), twice));
      }
    }
    return new AnswerPairs(pairs, control.size() - pairs.size(), candidate.size() - pairs.size());
  }

  private static Map<String, Deque<RecordedLine>> byPrompt(List<RecordedLine> lines) {
    Map<String, Deque<RecordedLine>> byPrompt = new HashMap<>();
    for (RecordedLine line : lines) {
      byPrompt
          .computeIfAbsent(line.question().text().strip(), ignored -> new ArrayDeque<>())
          .add(line);
    }
    return byPrompt;
  }

  private static @Nullable RecordedLine take(
      Map<String, Deque<RecordedLine>> lines, RecordedLine like) {
    Deque<RecordedLine> waiting = lines.get(like.question().text().strip());
    return waiting == null ? null : waiting.poll();
  }
}

package io.serin.comparison.review;

import io.serin.comparison.answer.Pair;
import io.serin.comparison.review.JudgePrompt.Preference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a judge said of one pair, asked in both orders. An answer that wins only in one order wins
 * nowhere: the judge preferred a place, not an answer.
 *
 * @param promptTokens that both questions took
 * @param completionTokens that both replies took
 */
public record Judgement(Better better, long promptTokens, long completionTokens) {

  /** Which side is better. */
  public enum Better {
    CANDIDATE,
    CONTROL,
    TIE,
    /** The order changed the judgement. */
    SWAYED,
    /** A reply says nothing. */
    UNREADABLE;

    /** The same with the sides changed. */
    Better turned() {
      return switch (this) {
        case CANDIDATE -> CONTROL;
        case CONTROL -> CANDIDATE;
        case TIE, SWAYED, UNREADABLE -> this;
      };
    }
  }

  /**
   * Two calls.
   *
   * @throws PortException where the judge did not answer
   */
  public static Judgement ask(Pair pair, JudgePrompt version, ModelJudge judge)
      throws PortException {
    String request = pair.question().text();
    String control = Objects.requireNonNullElse(pair.control().text(), "");
    String candidate = Objects.requireNonNullElse(pair.candidate().text(), "");
    ModelJudge.Reply straight =
        judge.ask(version.system(), version.user(request, control, candidate));
    ModelJudge.Reply swapped =
        judge.ask(version.system(), version.user(request, candidate, control));
    return new Judgement(
        better(JudgePrompt.read(straight.text()), turned(JudgePrompt.read(swapped.text()))),
        straight.promptTokens() + swapped.promptTokens(),
        straight.completionTokens() + swapped.completionTokens());
  }

  private static Better better(@Nullable Preference first, @Nullable Preference second) {
    if (first == null || second == null) {
      return Better.UNREADABLE;
    }
    if (first != second) {
      return Better.SWAYED;
    }
    return switch (first) {
      case FIRST -> Better.CONTROL;
      case SECOND -> Better.CANDIDATE;
      case TIE -> Better.TIE;
    };
  }

  private static @Nullable Preference turned(@Nullable Preference preference) {
    if (preference == null) {
      return null;
    }
    return switch (preference) {
      case FIRST -> Preference.SECOND;
      case SECOND -> Preference.FIRST;
      case TIE -> Preference.TIE;
    };
  }
}

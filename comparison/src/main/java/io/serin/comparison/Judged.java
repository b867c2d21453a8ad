package io.serin.comparison;

import io.serin.comparison.JudgePrompt.Preference;
import io.serin.statistics.comparison.Proportions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a judge model said of many pairs, each asked in both orders. An answer that wins only in one
 * order wins nowhere: the judge preferred a place, not an answer.
 *
 * @param prompt version of the judge's prompt
 * @param pairs that were judged
 * @param wins of the candidate, in both orders
 * @param losses of the candidate, in both orders
 * @param ties in both orders
 * @param swayed pairs in which the order changed the judgement
 * @param unreadable pairs without a judgement in either order
 * @param promptTokens that judging read
 * @param completionTokens that it wrote
 */
public record Judged(
    String prompt,
    long pairs,
    long wins,
    long losses,
    long ties,
    long swayed,
    long unreadable,
    long promptTokens,
    long completionTokens) {

  /** Nothing judged yet. */
  public static Judged none(JudgePrompt prompt) {
    return new Judged(prompt.version(), 0, 0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * With one pair more, asked in both orders.
   *
   * @throws PortException where the judge did not answer
   */
  public Judged plus(Pair pair, JudgePrompt version, Judge judge) throws PortException {
    String request = pair.question().text();
    String control = Objects.requireNonNullElse(pair.control().text(), "");
    String candidate = Objects.requireNonNullElse(pair.candidate().text(), "");
    Judge.Reply straight = judge.ask(version.system(), version.user(request, control, candidate));
    Judge.Reply swapped = judge.ask(version.system(), version.user(request, candidate, control));
    Preference first = JudgePrompt.read(straight.text());
    Preference second = turned(JudgePrompt.read(swapped.text()));
    boolean readable = first != null && second != null;
    boolean agreed = readable && first == second;
    return new Judged(
        prompt,
        pairs + 1,
        wins + (agreed && first == Preference.SECOND ? 1 : 0),
        losses + (agreed && first == Preference.FIRST ? 1 : 0),
        ties + (agreed && first == Preference.TIE ? 1 : 0),
        swayed + (readable && !agreed ? 1 : 0),
        unreadable + (readable ? 0 : 1),
        promptTokens + straight.promptTokens() + swapped.promptTokens(),
        completionTokens + straight.completionTokens() + swapped.completionTokens());
  }

  /** Share of readable pairs in which both orders agree; 0 where there is none. */
  public double agreement() {
    long readable = pairs - unreadable;
    return readable == 0 ? 0 : (double) (readable - swayed) / readable;
  }

  /** Exact sign test of "as many wins as losses", two-sided. */
  public double p() {
    return wins + losses == 0 ? 1 : Proportions.mcNemarExact(wins, losses).pValue();
  }

  /** What judging cost, by the price of a million tokens read and written. */
  public double cost(double promptPrice, double completionPrice) {
    return (promptTokens * promptPrice + completionTokens * completionPrice) / 1e6;
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

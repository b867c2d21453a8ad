package io.serin.comparison.review;

import io.serin.comparison.answer.Pair;
import io.serin.statistics.comparison.Proportions;

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
    return none(prompt.version());
  }

  /** Nothing judged yet by this version of the prompt. */
  public static Judged none(String version) {
    return new Judged(version, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * With one pair more, asked in both orders.
   *
   * @throws PortException where the judge did not answer
   */
  public Judged plus(Pair pair, JudgePrompt version, ModelJudge judge) throws PortException {
    return plus(Judgement.ask(pair, version, judge));
  }

  /** With one judgement more, by the same version of the prompt. */
  public Judged plus(Judgement judgement) {
    Judgement.Better better = judgement.better();
    return new Judged(
        prompt,
        pairs + 1,
        wins + (better == Judgement.Better.CANDIDATE ? 1 : 0),
        losses + (better == Judgement.Better.CONTROL ? 1 : 0),
        ties + (better == Judgement.Better.TIE ? 1 : 0),
        swayed + (better == Judgement.Better.SWAYED ? 1 : 0),
        unreadable + (better == Judgement.Better.UNREADABLE ? 1 : 0),
        promptTokens + judgement.promptTokens(),
        completionTokens + judgement.completionTokens());
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
}

package io.serin.comparison;

import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.Languages;
import io.serin.comparison.answer.Question;
import io.serin.comparison.answer.Segments;
import io.serin.comparison.answer.Traits;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One answer that has no partner: for samples of different questions.
 *
 * @param segments of its question, as dimension=value
 * @param asked the question's language; null where it cannot be told
 */
public record Single(
    Question question,
    Answered answer,
    Traits traits,
    List<String> segments,
    @Nullable String asked) {

  /** With its traits read. */
  public static Single of(Question question, Answered answer, Traits.Reader reader) {
    return new Single(
        question,
        answer,
        reader.read(answer, question.schema()),
        Segments.keys(question),
        Languages.of(question.text()));
  }

  /** The metric as a number, 0 and 1 for an event; null where it is not of the kind that could. */
  @Nullable Double number(ComparedMetric metric) {
    if (metric.kind() == ComparedMetric.Kind.RATIO) {
      return PairDifference.value(metric, answer);
    }
    Boolean event = PairDifference.event(metric, traits, traits, question, asked);
    return event == null ? null : event ? 1.0 : 0.0;
  }
}

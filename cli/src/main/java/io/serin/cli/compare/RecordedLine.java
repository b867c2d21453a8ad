package io.serin.cli.compare;

import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.Question;
import org.jspecify.annotations.Nullable;

/**
 * One line of a file of recorded answers.
 *
 * @param number of the line, from 1
 * @param label what people say of the answer, where the file tells: 1_full_compliance,
 *     2_full_refusal, 3_partial_refusal
 */
public record RecordedLine(
    int number, Question question, Answered answer, @Nullable String label) {}

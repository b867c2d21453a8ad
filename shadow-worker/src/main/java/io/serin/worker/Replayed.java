package io.serin.worker;

import io.serin.openai.answer.ToolCall;
import io.serin.schemas.Measurement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What replaying a request on one model gave.
 *
 * @param first answer
 * @param more answers to the same prompt
 */
record Replayed(String variant, Asked first, List<Asked> more) {

  /**
   * One answer.
   *
   * @param measurement of the first attempt that the model itself answered, for a user would have
   *     met that one; of the last attempt where there is none such
   * @param text of the attempt that gave a whole answer, be it a retry, redacted as what was served
   *     is; null where none did
   * @param toolCalls of the same attempt, compared and never made; null where they are not known
   */
  record Asked(Measurement measurement, @Nullable String text, @Nullable List<ToolCall> toolCalls) {
    /** Without the text. */
    @Override
    public String toString() {
      return "Asked[outcome=" + measurement.getOutcome() + "]";
    }
  }
}

package io.serin.analytics.api;

import io.serin.analytics.decide.Outputs;
import io.serin.analytics.streams.RecordSize;
import io.serin.rollout.RolloutFile;
import io.serin.schemas.WantedRollout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Whether the records that a file becomes fit the broker's limit: its command, and the controller's
 * input, which also holds the status with the file before it.
 */
final class ApplySize {
  /** The controller's status beside its file: routers, keys of actions, confirmations. */
  private static final int STATUS = 128 * 1024;

  private ApplySize() {}

  /**
   * @throws ApiError 413 with what is too large
   */
  static void check(RolloutFile file, WantedRollout wanted, @Nullable WantedRollout before)
      throws ApiError {
    try {
      RecordSize.check(Outputs.sample(file));
      RecordSize.check(wanted);
    } catch (RecordSize.TooLarge e) {
      throw new ApiError(413, "the file is too large: " + e.getMessage());
    }
    int now = json(wanted.getFile());
    int earlier = before == null ? 0 : json(before.getFile());
    int most = RecordSize.LIMIT - STATUS;
    if (bytes(wanted.getFile()) + Math.max(now, earlier) > most) {
      throw new ApiError(
          413,
          "the file is too large: it and the file before it have more than "
              + most
              + " bytes together, the limit of what the controller logs; shorten its comments");
    }
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Bytes of the text in a JSON string: signs that are escaped take up to six. */
  private static int json(String text) {
    int bytes = bytes(text);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      bytes += c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t' ? 1 : c < ' ' ? 5 : 0;
    }
    return bytes;
  }
}

package io.serin.openai;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Keeps from a client what the server said only because Serin asked for the usage of a stream: the
 * extra chunk with empty choices, and the {@code "usage":null} that OpenAI then puts on every other
 * chunk. All other bytes pass as they came. Immutable.
 */
public final class UsageChunkFilter implements EventFilter {

  private static final byte[] USAGE = "\"usage\"".getBytes(StandardCharsets.US_ASCII);

  private final boolean hide;

  private UsageChunkFilter(boolean hide) {
    this.hide = hide;
  }

  /** For a request that was sent with {@code wantUsage}: hides what the client did not ask for. */
  public static UsageChunkFilter of(CompletionRequest request) {
    return hiding(
        request.stream() && !request.includeUsage() && request.endpoint().hasStreamOptions());
  }

  /** A filter that hides, or one that passes everything. */
  public static UsageChunkFilter hiding(boolean hide) {
    return new UsageChunkFilter(hide);
  }

  /** True where something may be hidden: only then must a stream be passed on event by event. */
  public boolean hides() {
    return hide;
  }

  /** Passes on what the client may see of one piece: all of it, nothing, or all but a field. */
  @Override
  public void pass(SseEvent event, Output out) {
    if (!hide || !event.dataIsInRaw() || !mentionsUsage(event)) {
      out.write(event.raw(), event.rawOffset(), event.rawLength());
      return;
    }
    JsonObject chunk;
    try {
      chunk =
          JsonObject.read(
              event.data(), event.dataOffset(), event.dataOffset() + event.dataLength());
    } catch (IOException e) {
      out.write(event.raw(), event.rawOffset(), event.rawLength());
      return;
    }
    JsonObject.Member usage = chunk.member("usage");
    if (usage != null && usage.kind() == JsonToken.START_OBJECT && hasEmptyChoices(chunk)) {
      return;
    }
    if (usage == null || usage.kind() != JsonToken.VALUE_NULL) {
      out.write(event.raw(), event.rawOffset(), event.rawLength());
      return;
    }
    int from = usage.start();
    int to = usage.valueEnd();
    if (usage.equals(chunk.members().getFirst())) {
      to = chunk.members().size() == 1 ? to : chunk.members().get(1).start();
    } else {
      from = chunk.members().get(chunk.members().indexOf(usage) - 1).valueEnd();
    }
    out.write(event.raw(), event.rawOffset(), from - event.rawOffset());
    out.write(event.raw(), to, event.rawOffset() + event.rawLength() - to);
  }

  private static boolean hasEmptyChoices(JsonObject chunk) {
    JsonObject.Member choices = chunk.member("choices");
    if (choices == null || choices.kind() != JsonToken.START_ARRAY) {
      return false;
    }
    for (int i = choices.valueStart() + 1; i < choices.valueEnd() - 1; i++) {
      if (chunk.bytes()[i] > ' ') {
        return false;
      }
    }
    return true;
  }

  /** Looks for the name without parsing: inside a text its quotes would be escaped. */
  private static boolean mentionsUsage(SseEvent event) {
    byte[] data = event.data();
    int last = event.dataOffset() + event.dataLength() - USAGE.length;
    for (int i = event.dataOffset(); i <= last; i++) {
      if (data[i] == '"' && Arrays.equals(data, i, i + USAGE.length, USAGE, 0, USAGE.length)) {
        return true;
      }
    }
    return false;
  }
}

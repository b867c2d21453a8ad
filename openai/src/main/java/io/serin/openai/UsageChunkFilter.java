package io.serin.openai;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/**
 * Keeps from a client what the server said only because Serin asked for the usage of a stream: the
 * extra chunk with empty choices, and the {@code "usage":null} that OpenAI then puts on every other
 * chunk. What else such a chunk carries, such as citations, stays. All other bytes pass as they
 * came, but that data on several lines is joined where something is taken out. Immutable.
 */
public final class UsageChunkFilter implements EventFilter {

  private static final byte[] USAGE = "\"usage\"".getBytes(StandardCharsets.US_ASCII);

  /** What a chunk says of itself and of its cost: nothing that a user would miss. */
  private static final Set<String> ENVELOPE =
      Set.of(
          "id",
          "object",
          "created",
          "model",
          "choices",
          "usage",
          "system_fingerprint",
          "service_tier",
          "provider",
          "obfuscation",
          "timings");

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
    if (!hide || !event.hasData() || !mentionsUsage(event)) {
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
    boolean extra =
        usage != null && usage.kind() == JsonToken.START_OBJECT && hasEmptyChoices(chunk);
    if (usage == null || (!extra && usage.kind() != JsonToken.VALUE_NULL)) {
      out.write(event.raw(), event.rawOffset(), event.rawLength());
    } else if (!extra || chunk.members().stream().anyMatch(m -> !ENVELOPE.contains(m.name()))) {
      without(usage, chunk, event, out);
    }
  }

  private static void without(
      JsonObject.Member usage, JsonObject chunk, SseEvent event, Output out) {
    int from = usage.start();
    int to = usage.valueEnd();
    if (usage.equals(chunk.members().getFirst())) {
      to = chunk.members().size() == 1 ? to : chunk.members().get(1).start();
    } else {
      from = chunk.members().get(chunk.members().indexOf(usage) - 1).valueEnd();
    }
    if (event.dataIsInRaw()) {
      out.write(event.raw(), event.rawOffset(), from - event.rawOffset());
      out.write(event.raw(), to, event.rawOffset() + event.rawLength() - to);
      return;
    }
    int end = event.dataOffset() + event.dataLength();
    byte[] rest = new byte[event.dataLength() - (to - from)];
    System.arraycopy(event.data(), event.dataOffset(), rest, 0, from - event.dataOffset());
    System.arraycopy(event.data(), to, rest, from - event.dataOffset(), end - to);
    SseEvent joined = event.withData(rest);
    out.write(joined.raw(), joined.rawOffset(), joined.rawLength());
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

package io.serin.openai;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Gives the stored responses of OpenAI's API another id on their way to the client, in a body and
 * in a stream, so that a request that continues one says by its id where it is stored. All other
 * bytes pass as they came, but that data on several lines is joined where an id is in it.
 * Immutable, if the naming is.
 */
public final class ResponseIdFilter implements EventFilter {

  private final UnaryOperator<String> naming;
  private final @Nullable String previous;

  /**
   * @param naming the id for the client of a server's id
   * @param previous the "previous_response_id" as the client sent it, which answers repeat; null
   *     where it sent none
   */
  public ResponseIdFilter(UnaryOperator<String> naming, @Nullable String previous) {
    this.naming = naming;
    this.previous = previous;
  }

  /** The body of a response with its id replaced; the same array where it has none. */
  public byte[] body(byte[] body) {
    try {
      return patch(JsonObject.read(body, 0, body.length)).apply(body);
    } catch (IOException e) {
      return body;
    }
  }

  @Override
  public void pass(SseEvent event, Output out) {
    byte[] changed = change(event);
    if (changed == null) {
      out.write(event.raw(), event.rawOffset(), event.rawLength());
      return;
    }
    SseEvent named = event.withData(changed);
    out.write(named.raw(), named.rawOffset(), named.rawLength());
  }

  /** The event's data with the ids replaced; null where it names no response. */
  private byte @Nullable [] change(SseEvent event) {
    String name = event.name();
    if (!event.hasData() || (name != null && !name.startsWith("response."))) {
      return null;
    }
    byte[] data = event.data();
    int end = event.dataOffset() + event.dataLength();
    try {
      JsonObject object = JsonObject.read(data, event.dataOffset(), end);
      JsonObject.Member response = object.member("response");
      if (response == null || response.kind() != JsonToken.START_OBJECT) {
        return null;
      }
      BodyPatch patch = patch(JsonObject.read(data, response.valueStart(), response.valueEnd()));
      return patch.isEmpty()
          ? null
          : BodyPatch.merge("response", patch)
              .apply(Arrays.copyOfRange(data, event.dataOffset(), end));
    } catch (IOException e) {
      return null;
    }
  }

  private BodyPatch patch(JsonObject response) throws IOException {
    BodyPatch patch = BodyPatch.NONE;
    String id = response.text("id");
    if (id != null) {
      patch = BodyPatch.set("id", naming.apply(id));
    }
    String repeated = response.text("previous_response_id");
    if (repeated != null && previous != null && !Objects.equals(repeated, previous)) {
      patch = patch.then(BodyPatch.set("previous_response_id", previous));
    }
    return patch;
  }
}

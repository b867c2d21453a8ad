package io.serin.openai;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A change of a request's body, by the rules of JSON Merge Patch (RFC 7396): a value replaces or
 * adds, an object merges into the object that is there, null removes. What a patch does not name
 * keeps its bytes and its place; what it adds comes last. Immutable; made once and applied to many
 * bodies.
 */
public final class BodyPatch {

  /** Changes nothing. */
  public static final BodyPatch NONE = new BodyPatch(Map.of());

  /** Asks a stream for its usage chunk. */
  public static final BodyPatch INCLUDE_USAGE =
      parse("{\"stream_options\":{\"include_usage\":true}}");

  private sealed interface Change {
    record Remove() implements Change {}

    /** A value's own bytes. */
    final class Replace implements Change {
      final byte[] json;

      Replace(byte[] json) {
        this.json = json;
      }
    }

    record Merge(BodyPatch patch) implements Change {}
  }

  private final Map<String, Change> changes;

  private BodyPatch(Map<String, Change> changes) {
    this.changes = changes;
  }

  /** Sets one field to a text. */
  public static BodyPatch set(String field, String value) {
    return new BodyPatch(Map.of(field, new Change.Replace(Json.string(value))));
  }

  /** Changes an object inside the body. */
  public static BodyPatch merge(String field, BodyPatch inner) {
    return new BodyPatch(Map.of(field, new Change.Merge(inner)));
  }

  /** Sets "model". */
  public static BodyPatch model(String model) {
    return set("model", model);
  }

  /**
   * Reads a patch from a JSON object.
   *
   * @throws IllegalArgumentException where it is no JSON object
   */
  public static BodyPatch parse(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    try {
      return read(bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "a patch of the body must be a JSON object, but is: " + json, e);
    }
  }

  private static BodyPatch read(byte[] bytes, int from, int to) throws IOException {
    Map<String, Change> changes = new LinkedHashMap<>();
    for (JsonObject.Member member : JsonObject.read(bytes, from, to).members()) {
      int start = member.valueStart();
      int end = member.valueEnd();
      Change change;
      if (member.kind() == JsonToken.VALUE_NULL) {
        change = new Change.Remove();
      } else if (member.kind() == JsonToken.START_OBJECT) {
        change = new Change.Merge(read(bytes, start, end));
      } else {
        change = new Change.Replace(Arrays.copyOfRange(bytes, start, end));
      }
      changes.put(member.name(), change);
    }
    return new BodyPatch(changes);
  }

  public boolean isEmpty() {
    return changes.isEmpty();
  }

  /** Both patches as one; where both change the same field, the later counts. */
  public BodyPatch then(BodyPatch later) {
    if (later.isEmpty()) {
      return this;
    }
    Map<String, Change> both = new LinkedHashMap<>(changes);
    later.changes.forEach(
        (name, change) ->
            both.merge(
                name,
                change,
                (first, second) ->
                    first instanceof Change.Merge(BodyPatch a)
                            && second instanceof Change.Merge(BodyPatch b)
                        ? new Change.Merge(a.then(b))
                        : second));
    return new BodyPatch(both);
  }

  /**
   * The body with this change; the same array where nothing changes.
   *
   * @throws IllegalArgumentException where the body is no JSON object
   */
  public byte[] apply(byte[] body) {
    try {
      return isEmpty() ? body : apply(JsonObject.read(body, 0, body.length));
    } catch (IOException e) {
      throw new IllegalArgumentException("the body is no JSON object", e);
    }
  }

  byte[] apply(JsonObject object) {
    if (isEmpty() && object.open() == 0 && object.close() == object.bytes().length - 1) {
      return object.bytes();
    }
    try (ByteArrayBuilder out = new ByteArrayBuilder(object.bytes().length + 64)) {
      byte[] bytes = object.bytes();
      out.write(bytes, 0, object.open());
      merge(object, out);
      out.write(bytes, object.close() + 1, bytes.length - object.close() - 1);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("what was read once is read again", e);
    }
  }

  /** Writes the object, braces included, as changed. */
  private void merge(JsonObject object, ByteArrayBuilder out) throws IOException {
    byte[] bytes = object.bytes();
    int copied = object.open();
    // Until a member is kept, what follows the brace or the removed members goes without its comma.
    boolean any = false;
    for (JsonObject.Member member : object.members()) {
      Change change = changes.get(member.name());
      if (change instanceof Change.Remove) {
        if (!any) {
          out.write(bytes, copied, member.start() - copied);
          copied = afterComma(bytes, member.valueEnd());
        } else {
          // The comma and the spaces before it go with it.
          int before = comma(bytes, member.start());
          out.write(bytes, copied, before - copied);
          copied = member.valueEnd();
        }
        continue;
      }
      any = true;
      switch (change) {
        case null -> {}
        case Change.Remove _ -> {}
        case Change.Replace replace -> {
          out.write(bytes, copied, member.valueStart() - copied);
          out.write(replace.json);
          copied = member.valueEnd();
        }
        case Change.Merge(BodyPatch patch) -> {
          out.write(bytes, copied, member.valueStart() - copied);
          if (member.kind() == JsonToken.START_OBJECT) {
            patch.merge(JsonObject.read(bytes, member.valueStart(), member.valueEnd()), out);
          } else {
            patch.merge(NOTHING, out);
          }
          copied = member.valueEnd();
        }
      }
    }
    out.write(bytes, copied, object.close() - copied);
    for (Map.Entry<String, Change> entry : changes.entrySet()) {
      if (entry.getValue() instanceof Change.Remove || object.member(entry.getKey()) != null) {
        continue;
      }
      if (any) {
        out.append(',');
      }
      any = true;
      out.write(Json.string(entry.getKey()));
      out.append(':');
      switch (entry.getValue()) {
        case Change.Remove _ -> {}
        case Change.Replace replace -> out.write(replace.json);
        case Change.Merge(BodyPatch patch) -> patch.merge(NOTHING, out);
      }
    }
    out.append('}');
  }

  private static final JsonObject NOTHING = new JsonObject(new byte[] {'{', '}'}, List.of(), 0, 1);

  private static int comma(byte[] bytes, int memberStart) {
    int at = memberStart;
    while (bytes[at - 1] != ',') {
      at--;
    }
    return at - 1;
  }

  /** After the comma that follows a value, and its spaces; the value's end where none follows. */
  private static int afterComma(byte[] bytes, int valueEnd) {
    int at = valueEnd;
    while (at < bytes.length && bytes[at] != ',' && bytes[at] != '}') {
      at++;
    }
    if (at == bytes.length || bytes[at] == '}') {
      return valueEnd;
    }
    at++;
    while (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t') {
      at++;
    }
    return at;
  }
}

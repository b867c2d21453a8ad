package io.serin.openai.state;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.serin.openai.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value as the place it takes in its bytes, so that it can be changed without writing the
 * rest anew. What stands below a member named in {@link #CLOSED} is not looked into: it is the
 * client's own, or a tool's.
 *
 * @param kind the value's first token
 * @param start index of its first byte
 * @param end index after its last byte
 * @param members of an object; empty otherwise
 * @param elements of an array; empty otherwise
 */
record Node(JsonToken kind, int start, int end, List<Member> members, List<Node> elements) {

  private static final Set<String> CLOSED =
      Set.of("input", "arguments", "parameters", "source", "image_url", "logprobs", "metadata");

  /**
   * A member of an object.
   *
   * @param start index of its name's opening quote
   * @param name its name
   * @param value its value
   */
  record Member(int start, String name, Node value) {}

  /** Values that are kept of one text: more is no conversation, and would cost memory. */
  private static final int MOST = 200_000;

  /**
   * Reads the whole of bytes[from, to).
   *
   * @param open a member of the outermost object that is looked into though its name is closed;
   *     null for none
   * @throws IOException where it is not one JSON value, or holds too many
   */
  static Node read(byte[] bytes, int from, int to, @Nullable String open) throws IOException {
    try (JsonParser json = Json.parser(bytes, from, to - from)) {
      json.nextToken();
      return read(json, bytes, from, open, new int[1]);
    }
  }

  private static Node read(
      JsonParser json, byte[] bytes, int from, @Nullable String open, int[] count)
      throws IOException {
    JsonToken kind = json.currentToken();
    if (kind == null || ++count[0] > MOST) {
      throw new IOException("not a value, or too many");
    }
    int start = from + (int) json.currentTokenLocation().getByteOffset();
    List<Member> members = List.of();
    List<Node> elements = List.of();
    if (kind == JsonToken.START_OBJECT) {
      members = new ArrayList<>();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        int nameStart = from + (int) json.currentTokenLocation().getByteOffset();
        String name = json.currentName();
        json.nextToken();
        boolean closed = CLOSED.contains(name) && !name.equals(open);
        members.add(
            new Member(
                nameStart,
                name,
                closed ? skip(json, bytes, from) : read(json, bytes, from, null, count)));
      }
    } else if (kind == JsonToken.START_ARRAY) {
      elements = new ArrayList<>();
      while (json.nextToken() != JsonToken.END_ARRAY) {
        elements.add(read(json, bytes, from, null, count));
      }
    }
    return new Node(kind, start, end(json, bytes, from, kind), members, elements);
  }

  private static Node skip(JsonParser json, byte[] bytes, int from) throws IOException {
    JsonToken kind = json.currentToken();
    int start = from + (int) json.currentTokenLocation().getByteOffset();
    json.skipChildren();
    return new Node(kind, start, end(json, bytes, from, kind), List.of(), List.of());
  }

  private static int end(JsonParser json, byte[] bytes, int from, JsonToken kind)
      throws IOException {
    if (kind.isStructStart()) {
      return from + (int) json.currentTokenLocation().getByteOffset() + 1;
    }
    int start = from + (int) json.currentTokenLocation().getByteOffset();
    if (kind == JsonToken.VALUE_STRING) {
      int at = start + 1;
      while (bytes[at] != '"') {
        at += bytes[at] == '\\' ? 2 : 1;
      }
      return at + 1;
    }
    json.finishToken();
    int at = start;
    while (at < bytes.length && isScalar(bytes[at])) {
      at++;
    }
    return at;
  }

  private static boolean isScalar(byte b) {
    return (b >= '0' && b <= '9')
        || (b >= 'a' && b <= 'z')
        || b == '-'
        || b == '+'
        || b == '.'
        || b == 'E';
  }

  boolean isObject() {
    return kind == JsonToken.START_OBJECT;
  }

  boolean isArray() {
    return kind == JsonToken.START_ARRAY;
  }

  /** Whether it is a text of at least one letter. */
  boolean isText() {
    return kind == JsonToken.VALUE_STRING && end - start > 2;
  }

  /** The last member of that name; null where there is none. */
  @Nullable Member member(String name) {
    for (int i = members.size() - 1; i >= 0; i--) {
      if (members.get(i).name().equals(name)) {
        return members.get(i);
      }
    }
    return null;
  }

  /** The value of a member; null where there is none. */
  @Nullable Node value(String name) {
    Member member = member(name);
    return member == null ? null : member.value();
  }

  /** The elements of an array that is a member; empty where it is none. */
  List<Node> elements(String name) {
    Node value = value(name);
    return value == null ? List.of() : value.elements();
  }

  /** The text of a member as it is written, without its quotes; empty where it is no text. */
  String text(byte[] bytes, String name) {
    Node value = value(name);
    return value == null || value.kind() != JsonToken.VALUE_STRING ? "" : value.text(bytes);
  }

  /** Its text as it is written, without its quotes. */
  String text(byte[] bytes) {
    return new String(bytes, start + 1, end - start - 2, StandardCharsets.UTF_8);
  }
}

package io.serin.openai;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the members of a JSON object lie in its bytes, so that it can be changed without touching
 * what is not meant.
 */
final class JsonObject {

  private final byte[] bytes;
  private final List<Member> members;
  private final int open;
  private final int close;

  JsonObject(byte[] bytes, List<Member> members, int open, int close) {
    this.bytes = bytes;
    this.members = members;
    this.open = open;
    this.close = close;
  }

  /** The array that holds the object. */
  byte[] bytes() {
    return bytes;
  }

  /** In the order of the bytes; a name given twice is there twice, and the last counts. */
  List<Member> members() {
    return members;
  }

  /** Index of the opening brace. */
  int open() {
    return open;
  }

  /** Index of the closing brace. */
  int close() {
    return close;
  }

  /**
   * One member.
   *
   * @param start index of the name's opening quote
   * @param valueStart index of the value's first byte
   * @param valueEnd index after the value's last byte
   * @param kind the value's first token
   */
  record Member(String name, int start, int valueStart, int valueEnd, JsonToken kind) {}

  /**
   * Reads the whole of bytes[from, to), which must be one object in UTF-8 with nothing after it.
   *
   * @throws JsonParseException where it is not
   */
  static JsonObject read(byte[] bytes, int from, int to) throws IOException {
    if (to - from >= 2 && (bytes[from] == 0 || bytes[from + 1] == 0)) {
      throw new JsonParseException(null, "JSON must be encoded in UTF-8");
    }
    try (JsonParser json = Json.parser(bytes, from, to - from)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new JsonParseException(json, "an object is expected");
      }
      if (json.currentTokenLocation().getByteOffset() < 0) {
        throw new JsonParseException(json, "JSON must be encoded in UTF-8");
      }
      int open = at(json, from);
      List<Member> members = new ArrayList<>();
      JsonToken token = json.nextToken();
      while (token == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        int start = at(json, from);
        JsonToken kind = json.nextToken();
        int valueStart = at(json, from);
        json.skipChildren();
        token = json.nextToken();
        members.add(
            new Member(name, start, valueStart, valueEnd(bytes, at(json, from), token), kind));
      }
      int close = at(json, from);
      if (json.nextToken() != null) {
        throw new JsonParseException(json, "there is text after the object");
      }
      return new JsonObject(bytes, List.copyOf(members), open, close);
    }
  }

  /** The member of that name that counts; null where there is none. */
  @Nullable Member member(String name) {
    for (int i = members.size() - 1; i >= 0; i--) {
      Member member = members.get(i);
      if (member.name().equals(name)) {
        return member;
      }
    }
    return null;
  }

  /** The text of a member; null where it is absent or no text. */
  @Nullable String text(String name) throws IOException {
    Member member = member(name);
    return member == null || member.kind() != JsonToken.VALUE_STRING ? null : text(member);
  }

  /** The text of a member that is a text. */
  String text(Member member) throws IOException {
    int from = member.valueStart() + 1;
    int length = member.valueEnd() - 1 - from;
    if (plain(from, from + length)) {
      return new String(bytes, from, length, StandardCharsets.US_ASCII);
    }
    try (JsonParser json =
        Json.parser(bytes, member.valueStart(), member.valueEnd() - member.valueStart())) {
      json.nextToken();
      return json.getText();
    }
  }

  /** Whether a text is written as it reads. */
  private boolean plain(int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] < ' ' || bytes[i] == '\\') {
        return false;
      }
    }
    return true;
  }

  private static int at(JsonParser json, int from) {
    return from + (int) json.currentTokenLocation().getByteOffset();
  }

  /** Goes back from the token that follows a value over spaces and the comma. */
  private static int valueEnd(byte[] bytes, int next, JsonToken token) {
    int end = beforeSpaces(bytes, next);
    return token == JsonToken.FIELD_NAME ? beforeSpaces(bytes, end - 1) : end;
  }

  private static int beforeSpaces(byte[] bytes, int end) {
    int e = end;
    while (bytes[e - 1] == ' '
        || bytes[e - 1] == '\n'
        || bytes[e - 1] == '\r'
        || bytes[e - 1] == '\t') {
      e--;
    }
    return e;
  }
}

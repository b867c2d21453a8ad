package io.serin.openai.state;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Takes foreign state out of the input of OpenAI's responses. Reasoning, references and the calls
 * of the provider's own tools go as a whole; messages and calls of the client's tools lose their id
 * and stay. A tool's output whose call is gone becomes a message of the user: no server accepts it
 * alone.
 */
final class ResponsesCut {

  private static final byte[] USER =
      "{\"type\":\"message\",\"role\":\"user\",\"content\":".getBytes(StandardCharsets.US_ASCII);

  /** Members that stand for items which a server stores. */
  private static final Set<String> HISTORY = Set.of("previous_response_id", "conversation");

  private ResponsesCut() {}

  /**
   * Takes out what is foreign.
   *
   * @param gone members of the request that are taken out with it
   */
  static void cut(byte[] body, Node root, Set<Node> foreign, Edits edits, Set<String> gone) {
    Node input = root.value("input");
    boolean leaves = root.members().stream().anyMatch(member -> gone.contains(member.name()));
    if (input == null || (foreign.isEmpty() && !leaves)) {
      return;
    }
    boolean historyStays =
        root.members().stream()
                .anyMatch(
                    member -> HISTORY.contains(member.name()) && !gone.contains(member.name()))
            || input.elements().stream()
                .anyMatch(
                    item ->
                        !foreign.contains(item)
                            && item.text(body, "type").equals("item_reference"));
    items(body, input, foreign, edits, historyStays);
  }

  private static void items(
      byte[] body, Node input, Set<Node> foreign, Edits edits, boolean historyStays) {
    Set<Node> gone = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<String> calls = new HashSet<>();
    for (Node item : input.elements()) {
      boolean stays = !foreign.contains(item) || isPlain(body, item);
      if (!stays) {
        gone.add(item);
      } else if (!isOutput(body, item)) {
        calls.add(item.text(body, "call_id"));
      }
    }
    for (Node item : input.elements()) {
      if (gone.contains(item)) {
        continue;
      }
      if (!historyStays && isOutput(body, item) && !calls.contains(item.text(body, "call_id"))) {
        edits.replace(item.start(), item.end(), message(body, item));
      } else if (foreign.contains(item)) {
        edits.removeMembers(
            item,
            member -> member.name().equals("id") || member.name().equals("encrypted_content"));
      }
    }
    if (!gone.isEmpty()) {
      edits.removeElements(input, gone::contains);
    }
  }

  /** What keeps its meaning without an id. */
  private static boolean isPlain(byte[] body, Node item) {
    return switch (item.text(body, "type")) {
      case "", "message", "function_call", "custom_tool_call" -> true;
      case String type -> type.endsWith("_output");
    };
  }

  private static boolean isOutput(byte[] body, Node item) {
    return item.text(body, "type").endsWith("call_output");
  }

  /** The output as a message: its text, or its parts. */
  private static byte[] message(byte[] body, Node item) {
    Node output = item.value("output");
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.writeBytes(USER);
    if (output != null && (output.isText() || (output.isArray() && !output.elements().isEmpty()))) {
      message.write(body, output.start(), output.end() - output.start());
    } else {
      message.writeBytes("\"(no output)\"".getBytes(StandardCharsets.US_ASCII));
    }
    message.write('}');
    return message.toByteArray();
  }
}

package io.serin.openai.state;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Takes foreign thinking out of Anthropic's messages. A message without any other block goes as a
 * whole. In the middle of a tool's call Anthropic asks for the thinking that led to it, unless
 * thinking is not enabled.
 */
final class MessagesCut {

  private static final byte[] CLEARS_THINKING =
      "clear_thinking".getBytes(StandardCharsets.US_ASCII);

  private MessagesCut() {}

  static void cut(byte[] body, Node root, Set<Node> foreign, Edits edits, Set<String> gone) {
    Node messages = root.value("messages");
    if (messages == null || foreign.isEmpty()) {
      return;
    }
    Set<Node> empty = Collections.newSetFromMap(new IdentityHashMap<>());
    boolean lostInLoop = false;
    for (Node message : messages.elements()) {
      Node content = message.value("content");
      if (content == null) {
        continue;
      }
      if (isAsking(body, message, content)) {
        lostInLoop = false;
      }
      List<Node> blocks = content.elements();
      if (blocks.stream().noneMatch(foreign::contains)) {
        continue;
      }
      lostInLoop = true;
      if (blocks.stream().allMatch(foreign::contains)) {
        empty.add(message);
      } else {
        edits.removeElements(content, foreign::contains);
      }
    }
    if (!empty.isEmpty()) {
      edits.removeElements(messages, empty::contains);
    }
    Node thinking = root.value("thinking");
    if (lostInLoop
        && endsWithToolResult(body, messages)
        && thinking != null
        && thinking.text(body, "type").equals("enabled")) {
      gone.add("thinking");
      Node management = root.value("context_management");
      if (management != null
          && Bytes.contains(body, management.start(), management.end(), CLEARS_THINKING)) {
        gone.add("context_management");
      }
    }
  }

  /** Whether a user asks here: the message is not the result of a tool. */
  private static boolean isAsking(byte[] body, Node message, Node content) {
    return message.text(body, "role").equals("user")
        && content.elements().stream()
            .noneMatch(block -> block.text(body, "type").equals("tool_result"));
  }

  private static boolean endsWithToolResult(byte[] body, Node messages) {
    Node last = messages.elements().getLast();
    Node content = last.value("content");
    return content != null && !isAsking(body, last, content);
  }
}

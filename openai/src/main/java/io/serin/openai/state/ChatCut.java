package io.serin.openai.state;

import java.util.Set;

/** Takes foreign state out of a chat: the members that hold it. */
final class ChatCut {

  private ChatCut() {}

  static void cut(Node root, Set<Node> foreign, Edits edits) {
    for (Node message : root.elements("messages")) {
      for (Node call : message.elements("tool_calls")) {
        members(call, foreign, edits);
      }
      Node content = message.value("content");
      if (content != null && content.elements().stream().anyMatch(foreign::contains)) {
        edits.removeElements(content, foreign::contains);
      }
      members(message, foreign, edits);
    }
  }

  private static void members(Node object, Set<Node> foreign, Edits edits) {
    if (object.members().stream().anyMatch(member -> foreign.contains(member.value()))) {
      edits.removeMembers(object, member -> foreign.contains(member.value()));
    }
  }
}

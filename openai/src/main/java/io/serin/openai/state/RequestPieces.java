package io.serin.openai.state;

import io.serin.openai.Endpoint;
import java.util.ArrayList;
import java.util.List;

/** Finds the pieces of state that a request brings back. */
final class RequestPieces {

  private RequestPieces() {}

  /** All pieces, in the order of the conversation. */
  static List<Piece> of(Endpoint endpoint, byte[] body, Node root) {
    List<Piece> pieces = new ArrayList<>();
    switch (endpoint) {
      case MESSAGES -> {
        for (Node message : root.elements("messages")) {
          for (Node block : message.elements("content")) {
            List<Node> texts = new ArrayList<>();
            StatePlaces.block(body, block, texts);
            add(block, texts, false, pieces);
          }
        }
      }
      case CHAT_COMPLETIONS ->
          root.elements("messages").forEach(message -> message(body, message, pieces));
      case RESPONSES -> {
        for (Node item : root.elements("input")) {
          List<Node> texts = new ArrayList<>();
          StatePlaces.item(body, item, texts);
          add(item, texts, isReference(body, item), pieces);
        }
      }
      case COMPLETIONS, EMBEDDINGS -> {}
    }
    return pieces;
  }

  /** An item that a server must look up: it holds nothing of itself. */
  private static boolean isReference(byte[] body, Node item) {
    String type = item.text(body, "type");
    return type.equals("item_reference")
        || (type.equals("reasoning") && item.text(body, "encrypted_content").isEmpty());
  }

  /** A member of a message, of a tool's call, or a part of the content. */
  private static void message(byte[] body, Node message, List<Piece> pieces) {
    for (Node.Member member : message.members()) {
      switch (member.name()) {
        case "tool_calls" -> {
          for (Node call : member.value().elements()) {
            for (Node.Member inner : call.members()) {
              holder(body, inner, pieces);
            }
          }
        }
        case "content" -> {
          for (Node part : member.value().elements()) {
            List<Node> texts = new ArrayList<>();
            StatePlaces.anywhere(body, part, texts);
            add(part, texts, false, pieces);
          }
        }
        default -> holder(body, member, pieces);
      }
    }
  }

  private static void holder(byte[] body, Node.Member member, List<Piece> pieces) {
    List<Node> texts = new ArrayList<>();
    if (StatePlaces.isSigned(member.name()) && member.value().isText()) {
      texts.add(member.value());
    } else {
      StatePlaces.anywhere(body, member.value(), texts);
    }
    add(member.value(), texts, false, pieces);
  }

  private static void add(Node holder, List<Node> texts, boolean reference, List<Piece> pieces) {
    if (!texts.isEmpty()) {
      pieces.add(new Piece(holder, texts, reference));
    }
  }
}

package io.serin.openai.state;

import io.serin.openai.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where each API keeps opaque state. */
final class StatePlaces {

  private static final Set<String> SIGNED =
      Set.of(
          "signature",
          "thought_signature",
          "thoughtSignature",
          "encrypted_content",
          "reasoning_encrypted_content");

  /** Items of the responses API that are nothing but state. */
  static final Set<String> OPAQUE_ITEMS = Set.of("reasoning", "item_reference", "compaction");

  /** As providers write ids: "msg_68c1…". What a client names "msg_1" itself is not state. */
  private static final Pattern ID = Pattern.compile("[a-z]{1,12}_[A-Za-z0-9_-]{16,}.*");

  private static final byte[][] CHAT =
      bytes("signature\"", "Signature\"", "encrypted", ".srn", "\"redacted_thinking\"");
  private static final byte[][] MESSAGES = bytes("signature\"", "\"redacted_thinking\"", ".srn");
  private static final byte[][] RESPONSES =
      bytes("encrypted_content\"", "\"id\"", "item_id\"", "\"conversation\"", ".srn");

  private StatePlaces() {}

  private static byte[][] bytes(String... words) {
    byte[][] all = new byte[words.length][];
    for (int i = 0; i < words.length; i++) {
      all[i] = words[i].getBytes(StandardCharsets.US_ASCII);
    }
    return all;
  }

  /** False where no state can be there: what most bodies and events are, told without parsing. */
  static boolean mayHold(Endpoint endpoint, byte[] bytes, int from, int to) {
    byte[][] words =
        switch (endpoint) {
          case CHAT_COMPLETIONS -> CHAT;
          case MESSAGES -> MESSAGES;
          case RESPONSES -> RESPONSES;
          case COMPLETIONS, EMBEDDINGS -> new byte[0][];
        };
    for (byte[] word : words) {
      if (Bytes.contains(bytes, from, to, word)) {
        return true;
      }
    }
    return false;
  }

  /** The texts of an answer, or of one event of a stream, that are state. */
  static List<Node> ofAnswer(Endpoint endpoint, byte[] bytes, Node answer) {
    List<Node> texts = new ArrayList<>();
    switch (endpoint) {
      case MESSAGES -> {
        answer.elements("content").forEach(block -> block(bytes, block, texts));
        Node started = answer.value("content_block");
        if (started != null) {
          block(bytes, started, texts);
        }
        Node delta = answer.value("delta");
        if (delta != null) {
          block(bytes, delta, texts);
        }
      }
      case CHAT_COMPLETIONS ->
          answer.elements("choices").forEach(choice -> anywhere(bytes, choice, texts));
      case RESPONSES -> {
        Node response = answer.value("response");
        (response == null ? answer : response)
            .elements("output")
            .forEach(item -> item(bytes, item, texts));
        Node item = answer.value("item");
        if (item != null) {
          item(bytes, item, texts);
        }
        id(bytes, answer.value("item_id"), texts);
      }
      case COMPLETIONS, EMBEDDINGS -> {}
    }
    return texts;
  }

  /** The state of one block of a message: signed thinking, or hidden thinking. */
  static void block(byte[] bytes, Node block, List<Node> texts) {
    switch (block.text(bytes, "type")) {
      case "thinking", "signature_delta" -> add(block.value("signature"), texts);
      case "redacted_thinking" -> add(block.value("data"), texts);
      default -> {}
    }
  }

  /** The state of an item of a response: what is encrypted in it, and its id. */
  static void item(byte[] bytes, Node item, List<Node> texts) {
    add(item.value("encrypted_content"), texts);
    if (OPAQUE_ITEMS.contains(item.text(bytes, "type"))) {
      add(item.value("id"), texts);
    } else {
      id(bytes, item.value("id"), texts);
    }
  }

  /** Whether a text of this name is state wherever it stands in a chat. */
  static boolean isSigned(String name) {
    return SIGNED.contains(name);
  }

  /** All signed or encrypted texts of a value. */
  static void anywhere(byte[] bytes, Node value, List<Node> texts) {
    String type = value.isObject() ? value.text(bytes, "type") : "";
    for (Node.Member member : value.members()) {
      if (SIGNED.contains(member.name())
          || (member.name().equals("data")
              && (type.equals("reasoning.encrypted") || type.equals("redacted_thinking")))) {
        add(member.value(), texts);
      }
      anywhere(bytes, member.value(), texts);
    }
    value.elements().forEach(each -> anywhere(bytes, each, texts));
  }

  private static void id(byte[] bytes, @Nullable Node id, List<Node> to) {
    if (id != null && id.isText() && ID.matcher(id.text(bytes)).matches()) {
      to.add(id);
    }
  }

  private static void add(@Nullable Node text, List<Node> texts) {
    if (text != null && text.isText()) {
      texts.add(text);
    }
  }
}

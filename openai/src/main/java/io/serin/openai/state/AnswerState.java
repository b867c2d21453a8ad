package io.serin.openai.state;

import io.serin.openai.Endpoint;
import io.serin.openai.EventFilter;
import io.serin.openai.SseEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Marks the opaque state of an answer on its way to the client, in a body and in a stream: only a
 * mark is added to each such text, all other bytes pass as they came. Holds one event at most.
 * Immutable.
 *
 * <table>
 * <caption>What is marked</caption>
 * <tr><td>messages</td><td>"signature" of thinking, "data" of redacted_thinking</td></tr>
 * <tr><td>responses</td><td>"encrypted_content"; ids of reasoning, and of items as providers write
 * them: a word, an underscore and at least 16 letters</td></tr>
 * <tr><td>chat.completions</td><td>"thought_signature", "signature", "encrypted_content", "data" of
 * encrypted reasoning, anywhere below "choices"</td></tr>
 * </table>
 */
public final class AnswerState implements EventFilter {

  private final Endpoint endpoint;
  private final Supplier<String> mark;
  private final EventFilter next;

  /**
   * @param mark as {@link StateMark} writes it; asked for where there is something to mark
   * @param next takes each event as marked
   */
  public AnswerState(Endpoint endpoint, Supplier<String> mark, EventFilter next) {
    this.endpoint = endpoint;
    this.mark = mark;
    this.next = next;
  }

  @Override
  public void pass(SseEvent event, Output out) {
    byte[] marked = null;
    int from = event.dataOffset();
    int to = from + event.dataLength();
    if (event.hasData() && mayHold(event.data(), from, to)) {
      marked = marked(event.data(), from, to);
    }
    next.pass(marked == null ? event : event.withData(marked), out);
  }

  /** The body of an answer with its state marked; the same array where it has none. */
  public byte[] body(byte[] body) {
    byte[] marked = mayHold(body, 0, body.length) ? marked(body, 0, body.length) : null;
    return marked == null ? body : marked;
  }

  private boolean mayHold(byte[] bytes, int from, int to) {
    return StatePlaces.mayHold(endpoint, bytes, from, to);
  }

  /** Null where there is nothing to mark, or the text is not JSON. */
  private byte @Nullable [] marked(byte[] bytes, int from, int to) {
    List<Node> texts;
    try {
      texts = StatePlaces.ofAnswer(endpoint, bytes, Node.read(bytes, from, to, null));
    } catch (IOException | RuntimeException e) {
      return null; // What cannot be read passes as it is.
    }
    if (texts.isEmpty()) {
      return null;
    }
    byte[] own = new byte[to - from];
    System.arraycopy(bytes, from, own, 0, own.length);
    Edits edits = new Edits(own);
    byte[] sign = mark.get().getBytes(StandardCharsets.US_ASCII);
    for (Node text : texts) {
      edits.insert(text.end() - 1 - from, sign);
    }
    return edits.apply();
  }
}

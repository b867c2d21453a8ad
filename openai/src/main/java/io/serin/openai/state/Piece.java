package io.serin.openai.state;

import java.util.List;

/**
 * One piece of state in a request.
 *
 * @param holder what goes if the piece does: a block, an item, or a member's value
 * @param texts the opaque texts of it
 * @param reference whether it only names what a server stores
 */
record Piece(Node holder, List<Node> texts, boolean reference) {

  /** Who made it: the first mark of its texts, or {@link RequestState#UNMARKED}. */
  String mark(byte[] bytes) {
    for (Node text : texts) {
      List<String> marks = StateMark.in(bytes, text.start(), text.end());
      if (!marks.isEmpty()) {
        return marks.getFirst();
      }
    }
    return RequestState.UNMARKED;
  }
}

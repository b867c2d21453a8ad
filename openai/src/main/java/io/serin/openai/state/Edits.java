package io.serin.openai.state;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Changes of bytes, gathered and then made in one pass; what no change names stays as it is. */
final class Edits {

  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Edit(int to, byte[] instead) {}

  private static final byte[] NOTHING = new byte[0];

  private final byte[] bytes;
  private final TreeMap<Integer, Edit> edits = new TreeMap<>();

  Edits(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean isEmpty() {
    return edits.isEmpty();
  }

  void replace(int from, int to, byte[] instead) {
    edits.put(from, new Edit(to, instead));
  }

  void insert(int at, byte[] more) {
    replace(at, at, more);
  }

  /** Takes the marks out of a text. */
  void unmark(Node text) {
    int to = text.end() - 1;
    for (int at = StateMark.next(bytes, text.start() + 1, to);
        at >= 0;
        at = StateMark.next(bytes, at + StateMark.length(), to)) {
      replace(at, at + StateMark.length(), NOTHING);
    }
  }

  /** Takes elements out of an array. */
  void removeElements(Node array, Predicate<Node> out) {
    remove(
        array.elements().stream().map(each -> new int[] {each.start(), each.end()}).toList(),
        array.elements().stream().map(out::test).toList());
  }

  /** Takes members out of an object. */
  void removeMembers(Node object, Predicate<Node.Member> out) {
    remove(
        object.members().stream()
            .map(each -> new int[] {each.start(), each.value().end()})
            .toList(),
        object.members().stream().map(out::test).toList());
  }

  /** Each that is out goes with the comma before it, or, before the first that stays, after it. */
  private void remove(List<int[]> places, List<Boolean> out) {
    int firstKept = out.indexOf(false);
    for (int i = 0; i < places.size(); i++) {
      if (!out.get(i)) {
        continue;
      }
      int from;
      int to;
      if (firstKept < 0) {
        from = places.get(i)[0];
        to = i + 1 < places.size() ? places.get(i + 1)[0] : places.get(i)[1];
      } else if (i < firstKept) {
        from = places.get(i)[0];
        to = places.get(i + 1)[0];
      } else {
        from = places.get(i - 1)[1];
        to = places.get(i)[1];
      }
      // What is changed inside of it goes with it.
      edits.subMap(from, to).clear();
      replace(from, to, NOTHING);
    }
  }

  /** The bytes as changed; the same array where nothing changes. */
  byte[] apply() {
    if (edits.isEmpty()) {
      return bytes;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 64);
    int copied = 0;
    for (Map.Entry<Integer, Edit> edit : edits.entrySet()) {
      if (edit.getKey() < copied) {
        continue; // Inside of what was taken out.
      }
      out.write(bytes, copied, edit.getKey() - copied);
      out.writeBytes(edit.getValue().instead());
      copied = edit.getValue().to();
    }
    out.write(bytes, copied, bytes.length - copied);
    return out.toByteArray();
  }
}

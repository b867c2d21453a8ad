package io.serin.openai.answer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts the tool calls of one answer together from their deltas, up to a number of characters. */
final class ToolCallReader {
  private record Call(String name, StringBuilder arguments) {}

  private final int most;
  private final List<Call> calls = new ArrayList<>();
  private final Map<Integer, Call> byIndex = new HashMap<>();
  private int characters;
  private boolean cut;

  ToolCallReader(int most) {
    this.most = most;
  }

  /**
   * The next piece.
   *
   * @param index of the call it belongs to; −1 is the newest
   * @param name where the piece begins a call; else null
   */
  void add(int index, @Nullable String name, @Nullable String arguments) {
    Call call = index < 0 ? newest() : byIndex.get(index);
    if (name != null) {
      call = new Call(name, new StringBuilder());
      calls.add(call);
      byIndex.put(index, call);
    }
    if (arguments == null || arguments.isEmpty()) {
      return;
    }
    if (call == null || characters + arguments.length() > most) {
      cut = true;
      return;
    }
    characters += arguments.length();
    call.arguments().append(arguments);
  }

  /** All calls in their order; null where there were others, or more than the bound allows. */
  @Nullable List<ToolCall> whole(int counted) {
    return cut || counted != calls.size()
        ? null
        : calls.stream()
            .map(call -> new ToolCall(call.name(), call.arguments().toString()))
            .toList();
  }

  private @Nullable Call newest() {
    return calls.isEmpty() ? null : calls.getLast();
  }
}

package io.serin.router.http;

import io.serin.schemas.Outcome;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Makes event streams as model servers of the field write them: dialects, framing, splits, odd
 * values, missing ends. Knows of each what the client must get and what the record must say.
 */
final class StreamGrammar {

  /** Which API the stream belongs to. */
  enum Dialect {
    CHAT("/v1/chat/completions"),
    COMPLETIONS("/v1/completions"),
    MESSAGES("/v1/messages"),
    RESPONSES("/v1/responses");

    final String path;

    Dialect(String path) {
      this.path = path;
    }
  }

  /** How the bytes are framed by HTTP. */
  enum Transport {
    CHUNKED,
    LENGTH,
    UNTIL_CLOSE
  }

  /** How the stream ends. */
  enum End {
    WHOLE,
    WITHOUT_DONE,
    WITHOUT_FINISH,
    NEITHER,
    LOST,
    ERROR_EVENT,
    GAVE_UP
  }

  /**
   * One stream, and what must come of it.
   *
   * @param wantsUsage whether the client asks for usage
   * @param pieces as the server writes them
   * @param lost whether the server then loses the connection in the middle of its framing
   * @param visible what the client must get, or begin with where the stream fails
   * @param outcome of the attempt
   * @param finishReason as recorded
   * @param promptTokens as recorded; −1 if the stream names none
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Stream(
      Dialect dialect,
      boolean wantsUsage,
      Transport transport,
      List<byte[]> pieces,
      boolean lost,
      byte[] visible,
      Outcome outcome,
      @Nullable String finishReason,
      long promptTokens) {

    /** Whether the client gets a clean end. */
    boolean endsCleanly() {
      return outcome == Outcome.OK || "abort".equals(finishReason);
    }
  }

  private static final String[] WORDS = {
    "hello",
    " ",
    "gr\u00fc\u00dfe",
    "\ud83d\ude00",
    "\\n\\n",
    "\\\"usage\\\":null",
    "data: [DONE]",
    "\\u0000\\ud83d",
    "a\\\\b",
    "\u2028",
    "\u0085",
    "{}[]",
    "event: error"
  };

  private final SplittableRandom random;
  private final String model;
  private final ByteArrayOutputStream raw = new ByteArrayOutputStream();
  private final ByteArrayOutputStream visible = new ByteArrayOutputStream();
  private final String line;
  private final boolean mixed;
  private final boolean space;
  private final boolean names;
  private final Dialect dialect;
  private final boolean wantsUsage;
  private boolean identified;

  /**
   * @param model the name that the stream's model says it has
   */
  StreamGrammar(long seed, String model) {
    this.random = new SplittableRandom(seed);
    this.model = model;
    this.dialect =
        random.nextInt(10) < 6
            ? Dialect.CHAT
            : Dialect.values()[random.nextInt(Dialect.values().length)];
    this.wantsUsage = random.nextBoolean();
    this.line = random.nextInt(3) == 0 ? "\r\n" : "\n";
    this.mixed = random.nextInt(12) == 0;
    this.space = random.nextInt(5) != 0;
    this.names = named(dialect) || random.nextInt(12) == 0;
  }

  private static boolean named(Dialect dialect) {
    return dialect == Dialect.MESSAGES || dialect == Dialect.RESPONSES;
  }

  /** The stream. */
  Stream next() {
    if (random.nextInt(15) == 0) {
      both("\ufeff");
    }
    End end = End.values()[random.nextInt(3) == 0 ? random.nextInt(End.values().length) : 0];
    if (named(dialect) && (end == End.WITHOUT_DONE || end == End.WITHOUT_FINISH)) {
      end = End.WHOLE;
    }
    if (dialect == Dialect.RESPONSES && end == End.GAVE_UP) {
      end = End.WHOLE;
    }
    long prompt = random.nextInt(4) == 0 ? -1 : random.nextInt(100_000);
    String finish =
        switch (dialect) {
          case CHAT, COMPLETIONS -> pick("stop", "length", "tool_calls", "eos");
          case MESSAGES -> pick("end_turn", "max_tokens", "tool_use");
          case RESPONSES -> "stop";
        };
    if (end == End.GAVE_UP) {
      finish = "abort";
    }
    switch (dialect) {
      case CHAT, COMPLETIONS -> completions(end, finish, prompt);
      case MESSAGES -> messages(end, finish, prompt);
      case RESPONSES -> responses(end, prompt);
    }
    Transport transport = Transport.values()[random.nextInt(3)];
    boolean lost = end == End.LOST;
    if (lost && transport == Transport.UNTIL_CLOSE) {
      transport = Transport.CHUNKED;
    }
    return new Stream(
        dialect,
        wantsUsage,
        transport,
        split(raw.toByteArray()),
        lost,
        visible.toByteArray(),
        outcome(end),
        finishes(end) ? finish : null,
        finishes(end) || prompted(end) ? prompt : -1);
  }

  private boolean finishes(End end) {
    return switch (end) {
      case WHOLE, WITHOUT_DONE, GAVE_UP -> true;
      case WITHOUT_FINISH, NEITHER, LOST, ERROR_EVENT -> false;
    };
  }

  /** A message says at its beginning what its prompt cost. */
  private boolean prompted(End end) {
    return dialect == Dialect.MESSAGES || (end == End.WITHOUT_FINISH && !named(dialect));
  }

  private Outcome outcome(End end) {
    return switch (end) {
      case WHOLE, WITHOUT_DONE, WITHOUT_FINISH -> Outcome.OK;
      case GAVE_UP, NEITHER, LOST, ERROR_EVENT -> Outcome.CUT;
    };
  }

  private void completions(End end, @Nullable String finish, long prompt) {
    if (random.nextBoolean()) {
      chunk(
          choice(
              dialect == Dialect.CHAT
                  ? "\"delta\":{\"role\":\"assistant\",\"content\":\"\"}"
                  : "\"text\":\"\"",
              null),
          null);
    }
    int contents = 1 + random.nextInt(12);
    for (int i = 0; i < contents; i++) {
      noise();
      chunk(choice(i == 0 ? text() : content(), null), null);
    }
    noise();
    if (end == End.NEITHER || end == End.LOST) {
      return;
    }
    if (end == End.ERROR_EVENT) {
      event(null, "{\"error\":{\"message\":\"out of memory\",\"type\":\"server_error\"}}", null);
      return;
    }
    boolean inside = random.nextBoolean();
    if (end != End.WITHOUT_FINISH) {
      chunk(
          choice(dialect == Dialect.CHAT ? "\"delta\":{}" : "\"text\":\"\"", finish),
          inside && prompt >= 0 ? usage(prompt) : null);
    }
    if (prompt >= 0 && (!inside || end == End.WITHOUT_FINISH)) {
      usageChunk(prompt);
    }
    noise();
    if (end != End.WITHOUT_DONE) {
      event(null, "[DONE]", null);
    }
  }

  private String text() {
    String words = "x" + words();
    return dialect == Dialect.CHAT
        ? "\"delta\":{\"content\":\"" + words + "\"}"
        : "\"text\":\"" + words + "\"";
  }

  private String content() {
    if (dialect == Dialect.COMPLETIONS) {
      return text();
    }
    return switch (random.nextInt(8)) {
      case 0 -> "\"delta\":{\"reasoning\":\"" + words() + "\",\"content\":null}";
      case 1 -> "\"delta\":{\"reasoning_content\":\"" + words() + "\"}";
      case 2 ->
          "\"delta\":{\"tool_calls\":[{\"index\":"
              + random.nextInt(3)
              + ",\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":\"}}]}";
      case 3 -> "\"delta\":{\"content\":\"\",\"refusal\":null},\"logprobs\":null";
      default -> text();
    };
  }

  private String words() {
    StringBuilder text = new StringBuilder();
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      text.append(pick(WORDS));
    }
    return text.toString();
  }

  private String choice(String what, @Nullable String finish) {
    return "[{\"index\":0,"
        + what
        + ",\"finish_reason\":"
        + (finish == null ? "null" : "\"" + finish + "\"")
        + "}]";
  }

  private static String usage(long prompt) {
    return "{\"prompt_tokens\":"
        + prompt
        + ",\"completion_tokens\":3,\"total_tokens\":"
        + (prompt + 3)
        + ",\"prompt_tokens_details\":{\"cached_tokens\":0}}";
  }

  /** A chunk, perhaps with "usage":null, which a client that did not ask for it must not see. */
  private void chunk(String choices, @Nullable String usage) {
    List<String> members = members(choices);
    String own = usage == null ? "null" : usage;
    if (usage == null && random.nextBoolean()) {
      event(null, object(members), null);
      return;
    }
    List<String> with = new ArrayList<>(members);
    with.add(random.nextInt(with.size() + 1), "\"usage\":" + own);
    String all = object(with);
    List<String> without = new ArrayList<>(with);
    without.remove("\"usage\":null");
    event(null, all, usage == null && !wantsUsage ? object(without) : all);
  }

  private void usageChunk(long prompt) {
    List<String> members = members("[]");
    members.add("\"usage\":" + usage(prompt));
    if (random.nextInt(4) == 0) {
      members.add("\"citations\":[\"https://a.example\"]");
    }
    // What else it carries than its envelope and the usage stays.
    boolean more =
        members.stream()
            .anyMatch(each -> each.startsWith("\"citations") || each.startsWith("\"x_odd"));
    String all = object(members);
    members.removeIf(member -> member.startsWith("\"usage\""));
    event(null, all, wantsUsage ? all : more ? object(members) : "");
  }

  private List<String> members(String choices) {
    List<String> members = new ArrayList<>();
    members.add("\"id\":\"c-1\"");
    members.add("\"object\":\"chat.completion.chunk\"");
    members.add("\"created\":1700000000");
    members.add("\"model\":\"" + model + "\"");
    members.add("\"choices\":" + choices);
    if (random.nextInt(4) == 0) {
      members.add("\"x_odd\":" + pick("1e3", "-0.0", "{}", "[[]]", "\"\"", "true"));
    }
    Collections.shuffle(members, new Random(random.nextLong()));
    return members;
  }

  private static String object(List<String> members) {
    return "{" + String.join(",", members) + "}";
  }

  private void messages(End end, @Nullable String finish, long prompt) {
    String tokens = prompt < 0 ? "" : ",\"usage\":{\"input_tokens\":" + prompt + "}";
    typed(
        "message_start",
        "\"message\":{\"role\":\"assistant\",\"model\":\""
            + model
            + "\",\"content\":[]"
            + tokens
            + "}");
    if (random.nextBoolean()) {
      typed(
          "content_block_start", "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}");
    }
    int contents = 1 + random.nextInt(12);
    for (int i = 0; i < contents; i++) {
      noise();
      if (i > 0 && random.nextInt(6) == 0) {
        typed("ping", "\"x\":1");
      }
      String kind = i > 0 && random.nextInt(4) == 0 ? "thinking" : "text";
      typed(
          "content_block_delta",
          "\"index\":0,\"delta\":{\"type\":\""
              + kind
              + "_delta\",\""
              + kind
              + "\":\"x"
              + words()
              + "\"}");
    }
    if (end == End.NEITHER || end == End.LOST) {
      return;
    }
    if (end == End.ERROR_EVENT) {
      typed("error", "\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}");
      return;
    }
    typed(
        "message_delta",
        "\"delta\":{\"stop_reason\":\""
            + (end == End.GAVE_UP ? "abort" : finish)
            + "\"},\"usage\":{\"output_tokens\":3}");
    typed("message_stop", "\"x\":1");
  }

  private void responses(End end, long prompt) {
    String response =
        "\"response\":{\"id\":\"resp_x\",\"object\":\"response\",\"model\":\""
            + model
            + "\",\"status\":\"";
    typed("response.created", response + "in_progress\",\"output\":[]}");
    int contents = 1 + random.nextInt(12);
    for (int i = 0; i < contents; i++) {
      noise();
      typed(
          i > 0 && random.nextInt(4) == 0
              ? "response.reasoning_text.delta"
              : "response.output_text.delta",
          "\"output_index\":0,\"delta\":\"x" + words() + "\"");
    }
    if (end == End.NEITHER || end == End.LOST) {
      return;
    }
    if (end == End.ERROR_EVENT) {
      typed("error", "\"code\":\"server_error\",\"message\":\"broken\"");
      return;
    }
    String tokens =
        prompt < 0 ? "" : ",\"usage\":{\"input_tokens\":" + prompt + ",\"output_tokens\":3}";
    typed("response.completed", response + "completed\",\"output\":[]" + tokens + "}");
  }

  private void typed(String type, String members) {
    event(type, "{\"type\":\"" + type + "\"," + members + "}", null);
  }

  /** What belongs to no answer: comments, empty events, fields that nobody knows. */
  private void noise() {
    switch (random.nextInt(10)) {
      case 0 -> both(": keep-alive" + end() + end());
      case 1 -> both(":" + end() + end());
      case 2 -> both("retry: 1000" + end() + end());
      case 3 -> both(end());
      default -> {}
    }
  }

  /**
   * One event.
   *
   * @param instead the data as the client must see it; null for the same, empty for no event
   */
  private void event(@Nullable String name, String data, @Nullable String instead) {
    if (random.nextInt(20) == 0) {
      // Passes also where its event does not.
      both(": comment" + end());
    }
    StringBuilder before = new StringBuilder();
    if (name != null && names) {
      before.append("event:").append(space ? " " : "").append(name).append(end());
    }
    if (random.nextInt(20) == 0) {
      identified = true;
      before.append("id: 7").append(end());
    }
    boolean changed = instead != null && !instead.equals(data);
    String ends = end();
    String blank = end();
    boolean lines = !changed && data.startsWith("{") && random.nextInt(25) == 0;
    String shown = lines ? data.replaceFirst("\\{", "{" + ends + field()) : data;
    String whole = before + field() + shown + ends + blank;
    write(raw, whole);
    if (lines && data.contains("\"response\":{")) {
      // An id is replaced in it: its lines become one, written anew without a mark before it.
      if (visible.toString(StandardCharsets.UTF_8).equals("\ufeff")) {
        visible.reset();
      }
      write(
          visible,
          "event: "
              + name
              // The last id holds for all events that follow.
              + (identified ? "\nid: 7" : "")
              + "\ndata: "
              + data.replaceFirst("\\{", "{ ")
              + "\n\n");
    } else if (!changed) {
      write(visible, whole);
    } else if (instead != null && !instead.isEmpty()) {
      write(visible, before + field() + instead + ends + blank);
    }
  }

  private String field() {
    return "data:" + (space ? " " : "");
  }

  private String end() {
    return mixed ? pick("\n", "\r\n") : line;
  }

  private void both(String text) {
    write(raw, text);
    write(visible, text);
  }

  private static void write(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  private List<byte[]> split(byte[] all) {
    List<byte[]> pieces = new ArrayList<>();
    int most = pick(1, 7, 50, 1_000, 100_000);
    int at = 0;
    while (at < all.length) {
      int length = Math.min(all.length - at, 1 + random.nextInt(most));
      // One byte at a time only for a while: it takes long.
      length = pieces.size() > 200 ? all.length - at : length;
      byte[] piece = new byte[length];
      System.arraycopy(all, at, piece, 0, length);
      pieces.add(piece);
      at += length;
    }
    return pieces;
  }

  private String pick(String... from) {
    return from[random.nextInt(from.length)];
  }

  private int pick(Integer... from) {
    return from[random.nextInt(from.length)];
  }

  /** A stream as a message of a failed test. */
  static String show(byte[] bytes) {
    return String.format(
        Locale.ROOT,
        "%s",
        new String(bytes, StandardCharsets.UTF_8).replace("\r", "\\r").replace("\n", "\\n\n"));
  }
}
